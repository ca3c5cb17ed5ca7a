"""Alembic migrations of the records; `upgrade` brings a database to the newest version."""

from importlib.resources import files

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from samespace.core.errors import Misconfigured
from samespace.store.sql import reading, serialise, writing

NEWEST = "head"


def upgrade(engine: Engine, to: str = NEWEST) -> None:
    """Bring the tables to the newest version, or to this older one; processes that start together take turns.

    Misconfigured if a newer release made them.
    """
    config = _config()
    with writing(engine) as connection:
        serialise(connection, "samespace.migrations")
        _check_known(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def revision_of(engine: Engine) -> str | None:
    """The version of the tables in a database; None where there are none."""
    with reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def revisions() -> list[str]:
    """The versions this release knows, the newest first."""
    return [one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions()]


def _check_known(connection: Connection) -> None:
    found = MigrationContext.configure(connection).get_current_revision()
    if found is not None and found not in revisions():
        where = connection.engine.url.render_as_string(hide_password=True)
        raise Misconfigured(
            f"the records in {where} were made by a newer release (revision {found}, this one knows "
            f"{revisions()[0]}): start that release, or restore a backup from before"
        )


def _config() -> Config:
    config = Config()
    # A '%' in the path of the installation would be read as the start of an interpolation.
    config.set_main_option("script_location", str(files(__name__)).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
