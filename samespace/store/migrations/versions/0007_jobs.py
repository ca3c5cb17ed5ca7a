"""Jobs of all collections, the stage a job is at, and when a kept result was last looked through."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("jobs") as jobs:
        jobs.add_column(sa.Column("stage", sa.Text(), nullable=True))
        jobs.add_column(sa.Column("checked_at", sa.Double(), nullable=True))
        jobs.alter_column("collection_id", existing_type=sa.String(length=32), nullable=True)
