"""A stamp is another one after each change, whoever made it, and the same while nothing changes."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from samespace.core.errors import Unavailable
from samespace.store.records import Records, open_records
from samespace.store.sql import open_engine, writing
from samespace.store.stamp import Stamp
from tests.store.sql_fixtures import collection, database_url, offer, records

__all__ = ["collection", "database_url", "records"]


@pytest.fixture
def other(records: Records, database_url: str) -> Iterator[Records]:
    opened = open_records(database_url)
    yield opened
    opened.close()


@pytest.mark.usefixtures("collection")
def test_changes_of_this_process_and_of_another_are_seen(records: Records, other: Records) -> None:
    stamps = [records.stamp.now()]
    for number, writer in enumerate((records, other, records)):
        writer.documents.accept(offer(f"d{number}", f"content {number}"))
        stamps += [records.stamp.now()] * 2
        assert records.stamp.now() == stamps[-1]
    if records.engine.dialect.name == "sqlite":
        assert len(set(stamps)) == 4
    else:
        assert set(stamps) == {None}


def test_what_changes_nothing_is_not_seen(records: Records) -> None:
    before = records.stamp.now()
    records.documents.counts()
    records.claims.lapse(3)
    assert records.stamp.now() == before


def test_a_database_in_memory_knows_none() -> None:
    engine = open_engine("sqlite://")
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE anything (x INTEGER)"))
    assert Stamp(engine).now() is None
    engine.dispose()


def test_one_that_cannot_be_had_is_unavailable(records: Records) -> None:
    if records.engine.dialect.name != "sqlite":
        pytest.skip("knows none")
    records.stamp.now()
    records.stamp.close()
    stamp = Stamp(open_engine("sqlite:////nowhere/at/all.db"))
    with pytest.raises(Unavailable):
        stamp.now()
