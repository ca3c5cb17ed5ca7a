"""Models, indexes and what an index holds of a document are rows; what may be nobody's is called garbage."""

import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

from samespace.core.errors import Misconfigured

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


_MINILM_SCALE = 20.0
# Adapter, source, most tokens, kind of score, prompt of a query, of a passage, scale: the spaces of the presets up to
# release 0.4.0. Their dimension, modalities and fingerprint stand with the collections.
_PRESETS: dict[tuple[str, str], tuple[str, str, int, str, str, str, float | None]] = {
    ("starter", "starter"): ("builtin", "builtin:starter", 256, "softmax", "", "", None),
    ("clip", "text"): (
        "sentence-transformers",
        "BAAI/bge-small-en-v1.5",
        512,
        "softmax",
        "Represent this sentence for searching relevant passages: ",
        "",
        _MINILM_SCALE,
    ),
    ("clip", "clip"): (
        "open_clip",
        "ViT-B-32/laion2b_s34b_b79k",
        77,
        "softmax",
        "",
        "",
        None,
    ),
    ("quality", "text"): (
        "sentence-transformers",
        "Qwen/Qwen3-Embedding-0.6B",
        1024,
        "softmax",
        "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:",
        "",
        _MINILM_SCALE,
    ),
    ("quality", "siglip2"): (
        "open_clip",
        "ViT-SO400M-16-SigLIP2-384/webli",
        64,
        "sigmoid",
        "",
        "",
        None,
    ),
    ("multilingual", "text"): (
        "sentence-transformers",
        "intfloat/multilingual-e5-small",
        512,
        "softmax",
        "query: ",
        "passage: ",
        100.0,
    ),
    ("multilingual", "clip"): (
        "open_clip",
        "xlm-roberta-base-ViT-B-32/laion5b_s13b_b90k",
        77,
        "softmax",
        "",
        "",
        None,
    ),
}
_PREFIXES = {"st": "sentence-transformers", "open_clip": "open_clip"}


def upgrade() -> None:
    models, indexes, held = _make_tables()
    _fill(models, indexes)
    _fill_held(held)
    op.drop_column("collections", "spaces")
    op.drop_column("collections", "rows_version")
    op.drop_column("items", "cut_in")
    _rename_garbage()


def downgrade() -> None:
    raise Misconfigured(
        "records of revision 0008 do not go back to 0007: a collection may have indexes by now that 0007 cannot "
        "name; restore the copy that the upgrade kept (records.db.before-<release>) or a backup from before"
    )


def _make_tables() -> tuple[sa.Table, sa.Table, sa.Table]:
    models = op.create_table(
        "models",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("adapter", sa.String(length=32), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("revision", sa.String(length=200), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("dim", sa.Integer(), nullable=False),
        sa.Column("modalities", sa.JSON(), nullable=False),
        sa.Column("max_tokens", sa.Integer(), nullable=True),
        sa.Column("score_kind", sa.String(length=16), nullable=False),
        sa.Column("query_prompt", sa.Text(), nullable=False),
        sa.Column("passage_prompt", sa.Text(), nullable=False),
        sa.Column("scale", sa.Double(), nullable=True),
        sa.Column("bias", sa.Double(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    indexes = op.create_table(
        "indexes",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("collection_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("model_id", sa.String(length=32), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("rows_version", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["collection_id"], ["collections.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_index("indexes_by_collection", "indexes", ["collection_id"])
    held = op.create_table(
        "document_indexes",
        sa.Column("document_id", sa.String(length=32), nullable=False),
        sa.Column("index_id", sa.String(length=32), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("truncated", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["index_id"], ["indexes.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("document_id", "index_id"),
        sqlite_with_rowid=False,
    )
    return models, indexes, held


_collections = sa.table(
    "collections",
    sa.column("id", sa.String),
    sa.column("preset", sa.String),
    sa.column("spaces", sa.JSON),
    sa.column("rows_version", sa.Integer),
    sa.column("created_at", sa.Double),
)
_documents = sa.table(
    "documents",
    sa.column("id", sa.String),
    sa.column("collection_id", sa.String),
    sa.column("live_generation", sa.Integer),
)
_items = sa.table(
    "items",
    sa.column("document_id", sa.String),
    sa.column("generation", sa.Integer),
    sa.column("position", sa.Integer),
    sa.column("modality", sa.String),
    sa.column("cut_in", sa.JSON),
)


def _fill(models: sa.Table, indexes: sa.Table) -> None:
    """A model and a live index for each space of a collection, under the name that its rows lie under."""
    connection, now, known = op.get_bind(), time.time(), set[str]()
    for collection in connection.execute(sa.select(_collections)).all():
        for position, space in enumerate(collection.spaces):
            model = _model(collection.preset, space)
            if model["id"] not in known:
                connection.execute(sa.insert(models), [{**model, "created_at": now}])
                known.add(model["id"])
            row = {
                "id": _short_hash(space["index_name"], 16),
                "collection_id": collection.id,
                "kind": "dense",
                "model_id": model["id"],
                "role": "live",
                "name": space["index_name"],
                "position": position,
                "rows_version": collection.rows_version,
                "created_at": collection.created_at,
                "changed_at": now,
            }
            connection.execute(sa.insert(indexes), [row])


def _model(preset: str, space: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of a model without loading it: of a custom one not its length and its prompts."""
    prefix, _, name = preset.partition(":")
    custom = (_PREFIXES.get(prefix, prefix), name or preset, None, "softmax", "", "", None)
    told = _PRESETS.get((preset, space["name"]), custom)
    adapter, source, max_tokens, score_kind, query_prompt, passage_prompt, scale = told
    model = {
        "name": space["name"],
        "adapter": adapter,
        "source": source,
        "revision": None,
        "dim": space["dim"],
        "modalities": sorted(space["modalities"]),
        "max_tokens": max_tokens,
        "score_kind": score_kind,
        "query_prompt": query_prompt,
        "passage_prompt": passage_prompt,
        "scale": scale,
        "bias": None,
    }
    definition = json.dumps([*model.values(), space["fingerprint"]], ensure_ascii=False)
    return {"id": _short_hash(definition, 32), "fingerprint": space["fingerprint"], **model}


def _short_hash(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def _fill_held(held: sa.Table) -> None:
    """Every index of before holds of its documents what is live, each item whose modality it takes."""
    connection = op.get_bind()
    query = sa.text(
        "SELECT indexes.id, indexes.collection_id, models.name, models.modalities FROM indexes "
        "JOIN models ON models.id = indexes.model_id ORDER BY indexes.id"
    ).columns(id=sa.String, collection_id=sa.String, name=sa.String, modalities=sa.JSON)
    for index in connection.execute(query).all():
        total = (
            sa.select(sa.func.count())
            .select_from(_items)
            .where(
                _items.c.document_id == _documents.c.id,
                _items.c.generation == _documents.c.live_generation,
                _items.c.modality.in_(index.modalities),
            )
            .scalar_subquery()
        )
        rows = sa.select(
            _documents.c.id,
            sa.literal(index.id),
            _documents.c.live_generation,
            sa.literal("ready"),
            total,
            total,
        ).where(
            _documents.c.collection_id == index.collection_id,
            _documents.c.live_generation.is_not(None),
        )
        columns = ["document_id", "index_id", "generation", "state", "total", "done"]
        connection.execute(sa.insert(held).from_select(columns, rows))
        for document, positions in _truncated(index.collection_id, index.name):
            change = sa.update(held).where(
                held.c.document_id == document, held.c.index_id == index.id
            )
            connection.execute(change.values(truncated=positions))


def _truncated(collection_id: str, space: str) -> Iterator[tuple[str, list[int]]]:
    """The documents with items of which this space knows only the beginning, and the positions of those."""
    query = (
        sa.select(_items.c.document_id, _items.c.position, _items.c.cut_in)
        .join(_documents, _documents.c.id == _items.c.document_id)
        .where(
            _documents.c.collection_id == collection_id,
            _items.c.generation == _documents.c.live_generation,
            sa.cast(_items.c.cut_in, sa.Text) != "[]",
        )
        .order_by(_items.c.document_id, _items.c.position)
    )
    found: dict[str, list[int]] = {}
    for document, position, cut_in in op.get_bind().execute(query).all():
        if space in cut_in:
            found.setdefault(document, []).append(position)
    yield from found.items()


def _rename_garbage() -> None:
    for column in ("content_hash", "document_id"):
        op.drop_index(f"ix_loose_{column}", "loose")
    op.rename_table("loose", "garbage")
    for column in ("content_hash", "document_id"):
        op.create_index(f"ix_garbage_{column}", "garbage", [column])
