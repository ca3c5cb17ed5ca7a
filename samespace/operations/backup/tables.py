"""Copying tables between databases, SQLite or PostgreSQL: all rows as they stood at one moment."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Engine,
    Integer,
    MetaData,
    Table,
    func,
    select,
    text,
)

from samespace.store.sql import insert_new, open_engine, reading

_AT_ONCE = 1000
_OF_ALEMBIC = "alembic_version"


@contextmanager
def opened(file: Path) -> Iterator[Engine]:
    """An SQLite file; all that was written lies in it alone when the block ends."""
    engine = open_engine(f"sqlite:///{file}")
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def at_one_moment(engine: Engine) -> Iterator[Connection]:
    """A connection whose reads all see the database as it was at the first of them; writers are not held up."""
    with reading(engine) as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")
        else:
            connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        yield connection
        connection.rollback()


def tables_of(connection: Connection) -> dict[str, Table]:
    """The tables that are there, by name; those that others refer to come first."""
    found = MetaData()
    found.reflect(connection)
    for table in found.tables.values():
        for column in table.columns:
            if isinstance(column.type, JSON):
                column.type.none_as_null = True
    return {one.name: one for one in found.sorted_tables if one.name != _OF_ALEMBIC}


def copy_rows(
    source: Connection,
    target: Connection,
    *,
    without: Collection[str] = (),
    where: Mapping[str, Callable[[Table], ColumnElement[bool]]] | None = None,
) -> dict[str, int]:
    """Copy every row of the tables of `target`, but of those left out; answers how many of each.

    Rows whose keys `target` holds already are passed over.
    """
    theirs, ours = tables_of(source), tables_of(target)
    conditions = where or {}
    return {
        name: _copy(source, target, theirs[name], table, conditions.get(name))
        for name, table in ours.items()
        if name not in without and name in theirs
    }


def _copy(
    source: Connection,
    target: Connection,
    theirs: Table,
    ours: Table,
    where: Callable[[Table], ColumnElement[bool]] | None,
) -> int:
    put = insert_new(ours, target.dialect)
    query = select(*(theirs.c[column.name] for column in ours.columns))
    if where is not None:
        query = query.where(where(theirs))
    copied = 0
    rows = source.execute(query, execution_options={"yield_per": _AT_ONCE})
    for some in rows.mappings().partitions():
        target.execute(put, [dict(row) for row in some])
        copied += len(some)
    _go_on_counting(target, ours)
    return copied


def _go_on_counting(connection: Connection, table: Table) -> None:
    """PostgreSQL numbers new rows by a sequence, which knows nothing of rows that came with their number."""
    numbers = [column for column in table.primary_key if isinstance(column.type, Integer)]
    if connection.dialect.name != "postgresql" or len(table.primary_key) != 1 or not numbers:
        return
    named = {"table": table.name, "column": numbers[0].name}
    sequence = connection.execute(
        text("SELECT pg_get_serial_sequence(:table, :column)"), named
    ).scalar()
    last = connection.execute(select(func.max(numbers[0]))).scalar()
    if sequence and last:
        connection.execute(text("SELECT setval(:name, :last)"), {"name": sequence, "last": last})


def count_rows(connection: Connection) -> dict[str, int]:
    """How many rows each table holds."""
    return {
        name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for name, table in tables_of(connection).items()
    }
