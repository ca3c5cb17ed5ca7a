"""Kept queries, what people say of their answers, and what was asked, where the operator has it kept."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_queries",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("collection_id", sa.String(length=32), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("targets", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("kept_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["collection_id"], ["collections.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("kept_queries_by_collection", "kept_queries", ["collection_id"])
    _make_opinions()
    op.create_table(
        "asked_queries",
        sa.Column("collection_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("targets", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["collection_id"], ["collections.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("collection_id", "id"),
    )


def _make_opinions() -> None:
    """What people say of the answers to a kept query."""
    op.create_table(
        "judgements",
        sa.Column("query_id", sa.String(length=32), nullable=False),
        sa.Column("document_id", sa.String(length=32), nullable=False),
        sa.Column("is_good", sa.Boolean(), nullable=False),
        sa.Column("judged_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["query_id"], ["kept_queries.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("query_id", "document_id"),
    )
    op.create_index("ix_judgements_document_id", "judgements", ["document_id"])
    op.create_table(
        "preferences",
        sa.Column("query_id", sa.String(length=32), nullable=False),
        sa.Column("pair", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("better", sa.String(length=32), nullable=True),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("said_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["query_id"], ["kept_queries.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("query_id", "pair", "actor"),
    )


def downgrade() -> None:
    for name in ("asked_queries", "preferences", "judgements", "kept_queries"):
        op.drop_table(name)
