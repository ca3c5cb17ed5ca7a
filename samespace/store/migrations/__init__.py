"""Alembic migrations of the records; `upgrade` brings a database to the newest version.

Alembic takes a third of a second to be imported, in each process that opens the records, and nearly never has anything
to do: it is imported where a database is behind.
"""

import re
from importlib.resources import files
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from samespace.core.errors import Misconfigured
from samespace.store.sql import reading, serialise, writing

if TYPE_CHECKING:
    from alembic.config import Config

NEWEST = "head"
_NAMES = re.compile(r'^(revision|down_revision)\b.*= "(\w+)"$', re.MULTILINE)


def upgrade(engine: Engine, to: str = NEWEST) -> None:
    """Bring the tables to the newest version, or to this older one; processes that start together take turns.

    Misconfigured if a newer release made them.
    """
    if to == NEWEST and revision_of(engine) == newest():
        return
    from alembic import command

    config = _config()
    with writing(engine) as connection:
        serialise(connection, "samespace.migrations")
        _check_known(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, to)


def revision_of(engine: Engine) -> str | None:
    """The version of the tables in a database; None where there are none."""
    with reading(engine) as connection:
        return _revision(connection)


def newest() -> str:
    """The newest version this release knows."""
    names = [
        found
        for file in files(__name__).joinpath("versions").iterdir()
        if file.name.endswith(".py")
        for found in _NAMES.findall(file.read_text())
    ]
    (last,) = {name for kind, name in names if kind == "revision"} - {
        name for kind, name in names if kind == "down_revision"
    }
    return str(last)


def revisions() -> list[str]:
    """The versions this release knows, the newest first."""
    from alembic.script import ScriptDirectory

    return [one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions()]


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _check_known(connection: Connection) -> None:
    found = _revision(connection)
    if found is not None and found not in revisions():
        where = connection.engine.url.render_as_string(hide_password=True)
        raise Misconfigured(
            f"the records in {where} were made by a newer release (revision {found}, this one knows "
            f"{revisions()[0]}): start that release, or restore a backup from before"
        )


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    # A '%' in the path of the installation would be read as the start of an interpolation.
    config.set_main_option("script_location", str(files(__name__)).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
