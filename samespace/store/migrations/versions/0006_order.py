"""Documents of a collection in the order in which they are listed."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("documents_by_id", "documents", ["collection_id", "id"])
