"""The change of a collection's model, why an index does not hold a document, when a job was begun, and what a label
set was made with."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "model_changes",
        sa.Column("collection_id", sa.String(length=32), nullable=False),
        sa.Column("preset", sa.String(length=200), nullable=False),
        sa.Column("before", sa.String(length=200), nullable=False),
        sa.Column("space", sa.String(length=64), nullable=True),
        sa.Column("incoming", sa.JSON(), nullable=False),
        sa.Column("outgoing", sa.JSON(), nullable=False),
        sa.Column("is_switched", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("wants", sa.String(length=8), nullable=True),
        sa.Column("force", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("keep_days", sa.Double(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("switched_at", sa.Double(), nullable=True),
        sa.Column("kept_until", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["collection_id"], ["collections.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("collection_id"),
    )
    op.add_column("document_indexes", sa.Column("reason", sa.Text(), nullable=True))
    op.add_column("jobs", sa.Column("started_at", sa.Double(), nullable=True))
    op.add_column("label_sets", sa.Column("models", sa.JSON(), nullable=True))


def downgrade() -> None:
    """A collection whose model was changed shows what it has now."""
    op.drop_column("label_sets", "models")
    op.drop_column("jobs", "started_at")
    op.drop_column("document_indexes", "reason")
    op.drop_table("model_changes")
