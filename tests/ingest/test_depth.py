"""When to come back: at the pace of the last minute, within bounds."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from ingest.depth import Depth
from samespace.core.errors import Busy
from samespace.core.settings import Settings
from samespace.store.records import Collection, Records, open_records
from samespace.store.records.tables import documents
from samespace.store.sql import writing
from tests.store.sql_fixtures import MODEL, lay_tables, new_collection, offer


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    lay_tables(tmp_path / "records.db")
    opened = open_records(f"sqlite:///{tmp_path / 'records.db'}")
    yield opened
    opened.close()


@pytest.fixture
def collection(records: Records) -> Collection:
    return new_collection(records, "c1", "cats", "starter", [MODEL])


@pytest.mark.parametrize(
    ("finished", "seconds"),
    [(0, 15), (60, 1), (6, 10), (1, 60)],
    ids=["unknown", "fast", "slow", "slower"],
)
def test_retry_after_follows_the_pace(
    records: Records, collection: Collection, finished: int, seconds: float
) -> None:
    for number in range(finished + 2):
        records.documents.accept(offer(f"d{number:03}", f"text {number}"))
    with writing(records.engine) as connection:
        ended = documents.c.id < f"d{finished:03}"
        connection.execute(
            update(documents).where(ended).values(state="ready", finished_at=time.time())
        )
    depth = Depth(records.documents, Settings(max_queue=2, queue_share=1))
    with pytest.raises(Busy, match="2 documents") as busy:
        depth.check(collection)
    assert busy.value.retry_after == pytest.approx(seconds)


def test_what_is_being_taken_in_counts(records: Records, collection: Collection) -> None:
    depth = Depth(records.documents, Settings(max_queue=10, queue_share=0.5))
    with depth.room(collection, 5), pytest.raises(Busy, match="limit is 5"):
        depth.check(collection)
    depth.check(collection)
