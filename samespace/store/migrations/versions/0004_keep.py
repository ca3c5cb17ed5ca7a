"""Names as they are compared, and how far the rows of an index are behind."""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_AT_ONCE = 1000

_documents = sa.table(
    "documents",
    sa.column("id", sa.String),
    sa.column("name", sa.Text),
    sa.column("external_id", sa.Text),
    sa.column("folded_name", sa.Text),
    sa.column("folded_external_id", sa.Text),
)


def upgrade() -> None:
    op.add_column(
        "documents", sa.Column("folded_name", sa.Text(), nullable=False, server_default="")
    )
    op.add_column("documents", sa.Column("folded_external_id", sa.Text(), nullable=True))
    for rows in _rows():
        _fold(rows)
    op.create_index("documents_by_name", "documents", ["collection_id", "folded_name"])
    # Rows of before know nothing of names, dates and folded texts: a worker writes them anew.
    op.add_column(
        "collections", sa.Column("rows_version", sa.Integer(), nullable=False, server_default="1")
    )


def _rows() -> Iterator[Sequence[Any]]:
    last = ""
    while True:
        query = sa.select(_documents.c.id, _documents.c.name, _documents.c.external_id)
        query = query.where(_documents.c.id > last).order_by(_documents.c.id).limit(_AT_ONCE)
        rows = op.get_bind().execute(query).all()
        if not rows:
            return
        yield rows
        last = rows[-1].id


def _fold(rows: Sequence[Any]) -> None:
    change = (
        sa.update(_documents)
        .where(_documents.c.id == sa.bindparam("of"))
        .values(folded_name=sa.bindparam("by_name"), folded_external_id=sa.bindparam("by_id"))
    )
    values = [
        {
            "of": row.id,
            "by_name": _folded(row.name),
            "by_id": None if row.external_id is None else _folded(row.external_id),
        }
        for row in rows
    ]
    op.get_bind().execute(change, values)


def _folded(text: str) -> str:
    """As the release that made this migration folds: a later one may fold otherwise."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())
