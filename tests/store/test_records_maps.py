"""Maps in the records, on SQLite and PostgreSQL."""

import pytest

from samespace.core.types import TEXT, Item, State
from samespace.store.records import Document, Records
from samespace.store.records.claims import Done
from tests.store.sql_fixtures import collection, database_url, offer, records

__all__ = ["collection", "database_url", "records"]

pytestmark = pytest.mark.usefixtures("collection")


def ready(records: Records, id: str, content: str = "one") -> Document:
    """A document that answers searches with one item."""
    records.documents.accept(offer(id, content, external_id=id))
    [claimed] = records.claims.claim([id], "w", 60)
    item = Item(f"{id}{content}", id, TEXT, 0, content)
    return records.claims.ready([Done(claimed, [item], {}, ())])[0]


def test_the_newest_map_is_kept(records: Records) -> None:
    assert records.maps.find("c1") is None
    assert records.maps.info("c1") is None
    records.maps.keep("c1", "old", b"old points")
    records.maps.keep("c1", "new", b"\x00\xff")
    found, info = records.maps.find("c1"), records.maps.info("c1")
    assert found is not None
    assert info is not None
    assert (found.stamp, found.points, found.made_at) == ("new", b"\x00\xff", info.made_at)


def test_it_goes_with_its_collection(records: Records) -> None:
    records.maps.keep("c1", "s", b"")
    records.collections.remove("c1")
    assert records.maps.find("c1") is None


def test_what_it_is_made_of_changes_with_what_answers_searches(records: Records) -> None:
    seen = [records.maps.made_of("c1")]

    def is_new() -> bool:
        seen.append(records.maps.made_of("c1"))
        return seen[-1] not in seen[:-1]

    first = ready(records, "d1")
    assert is_new()
    records.documents.accept(offer("d2", "two"))
    assert records.maps.made_of("c1") == seen[-1]  # it waits
    records.claims.cancel("c1", ["d2"])
    ready(records, "d3", "three")
    assert is_new()
    ready(records, "d1", "changed")
    assert is_new()
    assert records.maps.live_generations("c1")["d1"] > first.generation
    assert records.maps.count_items("c1") == 2
    records.documents.mark_deleted("c1", ["d1"])
    assert is_new()
    assert records.maps.live_generations("c1") == {"d3": 1}
    assert records.maps.count_items("c1") == 1


def test_a_job_that_is_under_way_is_the_one(records: Records) -> None:
    first = records.jobs.create_once("j1", "c1", "map", {})
    assert records.jobs.create_once("j2", "c1", "map", {}) == first
    assert records.jobs.create_once("j3", "c1", "other", {}).id == "j3"
    records.jobs.cancel("j1")
    again = records.jobs.create_once("j4", "c1", "map", {})
    assert (again.id, again.state) == ("j4", State.QUEUED)
