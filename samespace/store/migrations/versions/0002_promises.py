"""Pausing, quotas, backing off, keys with scopes, audit lines."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    held: list[sa.Column[Any]] = [
        sa.Column("paused", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("claimed_at", sa.Double(), nullable=True),
        sa.Column("rests", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("rest_until", sa.Double(), nullable=True),
        sa.Column("max_documents", sa.BigInteger(), nullable=True),
        sa.Column("max_bytes", sa.BigInteger(), nullable=True),
        sa.Column("held_documents", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("held_bytes", sa.BigInteger(), nullable=False, server_default="0"),
    ]
    for column in held:
        op.add_column("collections", column)
    op.execute(_COUNT_WHAT_IS_HELD)

    op.add_column("documents", sa.Column("not_before", sa.Double(), nullable=True))
    op.add_column(
        "documents",
        sa.Column("has_leftovers", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_index("documents_by_turn", "documents", ["state", "collection_id", "submitted_at"])
    op.create_index("documents_by_end", "documents", ["finished_at"])

    rights: list[sa.Column[Any]] = [
        # Keys of before could do everything.
        sa.Column("scopes", sa.JSON(), nullable=False, server_default='["read", "write", "admin"]'),
        sa.Column("collection_ids", sa.JSON(), nullable=True),
        sa.Column("rate", sa.Integer(), nullable=True),
        sa.Column("expires_at", sa.Double(), nullable=True),
        sa.Column("previous_hash", sa.String(length=64), nullable=True),
        sa.Column("previous_until", sa.Double(), nullable=True),
    ]
    for column in rights:
        op.add_column("keys", column)

    op.create_table(
        "loose",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("document_id", sa.String(length=32), nullable=False),
        sa.Column("not_before", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_loose_content_hash"), "loose", ["content_hash"])
    op.create_index(op.f("ix_loose_document_id"), "loose", ["document_id"])

    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("collection", sa.String(length=64), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"])


_COUNT_WHAT_IS_HELD = """
UPDATE collections SET
    held_documents = (
        SELECT count(*) FROM documents
        WHERE documents.collection_id = collections.id AND documents.state <> 'deleting'),
    held_bytes = (
        SELECT coalesce(sum(documents.size), 0) FROM documents
        WHERE documents.collection_id = collections.id AND documents.state <> 'deleting')
"""
