"""The encoding that a person said the text of a document is in."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("documents", sa.Column("encoding", sa.String(length=40), nullable=True))
