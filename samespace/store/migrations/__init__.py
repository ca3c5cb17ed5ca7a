"""Alembic migrations of the records; `upgrade` brings a database to the newest version."""

from importlib.resources import files

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

from samespace.store.sql import serialise, writing


def upgrade(engine: Engine) -> None:
    """Bring the tables to the newest version; processes that start together take turns."""
    config = Config()
    # A '%' in the path of the installation would be read as the start of an interpolation.
    config.set_main_option("script_location", str(files(__name__)).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with writing(engine) as connection:
        serialise(connection, "samespace.migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
