"""One way to open an SQL database for the records and the vector cache: SQLite or PostgreSQL by URL."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, Insert, Table, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    NotSupportedError,
    ProgrammingError,
    TimeoutError,
)

from samespace.core.errors import OutOfSpace, Unavailable

# Longer than any transaction of ours, and short enough for someone who waits for an answer.
_BUSY_SECONDS = 10
_BUSY_PAUSE = 0.05
_POSTGRESQL_DISK_FULL = "53100"
# Faults of what was asked. Every other error of a driver says that the database cannot do its work now.
_OF_STATEMENTS = (IntegrityError, ProgrammingError, DataError, NotSupportedError)


def open_engine(url: str) -> Engine:
    """An engine whose SQLite connections wait for each other (WAL) and whose writers take the lock at once."""
    parts = make_url(url)
    if parts.get_backend_name() == "sqlite":
        # A database in memory has no pool to wait for.
        pool = {"pool_timeout": _BUSY_SECONDS} if parts.database else {}
        engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS}, **pool)
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    engine = create_engine(
        url,
        connect_args={"connect_timeout": _BUSY_SECONDS},
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=20,
        pool_timeout=_BUSY_SECONDS,
    )
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not open transactions by itself: `write` does, with the lock it needs.
    connection.isolation_level = None
    _switch_to_wal(connection, time.monotonic() + _BUSY_SECONDS)
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_postgresql(connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{_BUSY_SECONDS}s'")
    connection.commit()


def _switch_to_wal(connection: Any, until: float) -> None:
    """SQLite does not wait for its lock here as it does elsewhere: a second opener is refused at once."""
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(_BUSY_PAUSE)
        else:
            return


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection to read with."""
    with available(engine), engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction, committed at the end. On SQLite it holds the write lock from its start: a transaction
    that reads first and writes later would be refused under other writers."""
    with available(engine), engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.rollback()
            raise
        connection.commit()


@contextmanager
def available(engine: Engine) -> Iterator[None]:
    """OutOfSpace, Unavailable for what a database cannot do within the block; faults of a statement as they are."""
    try:
        yield
    except (DBAPIError, TimeoutError) as error:
        if isinstance(error, _OF_STATEMENTS) and not error.connection_invalidated:
            raise
        where = engine.url.render_as_string(hide_password=True)
        reason = error.orig if isinstance(error, DBAPIError) else error
        if _is_full(reason):
            raise OutOfSpace(f"the disk of the database {where} is full: {reason}") from error
        raise Unavailable(f"the database {where} does not answer: {reason}") from error


def _is_full(reason: BaseException | None) -> bool:
    return (
        getattr(reason, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        or getattr(reason, "sqlstate", None) == _POSTGRESQL_DISK_FULL
    )


def insert_new(table: Table, dialect: Dialect) -> Insert:
    """An insert that passes over rows whose keys are there already."""
    insert = postgresql.insert if dialect.name == "postgresql" else sqlite.insert
    return insert(table).on_conflict_do_nothing()


def serialise(connection: Connection, name: str) -> None:
    """Hold this named lock until the transaction ends; SQLite's writers are serial already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": name})
