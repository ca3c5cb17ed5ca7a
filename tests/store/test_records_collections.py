"""Collections in the records, on SQLite and PostgreSQL."""

import pytest

from samespace.core.errors import Conflict, InvalidRequest, NotFound, Unavailable
from samespace.core.types import State
from samespace.store.records import Collection, Records, Role
from samespace.store.records.collections import check_name
from tests.store.sql_fixtures import MODEL, collection, database_url, new_collection, offer, records

__all__ = ["collection", "database_url", "records"]


def test_what_was_made_is_found(records: Records) -> None:
    made = new_collection(records, "c1", "cats", "starter", [MODEL])

    (index,) = made.indexes
    assert (index.model, index.kind, index.role) == (MODEL, "dense", Role.LIVE)
    assert index.index_name == f"c_c1_words_{index.id}"
    assert made.spaces == made.live == (index,)
    assert records.collections.find("cats") == records.collections.get("c1") == made


@pytest.mark.parametrize("name", ["a", "A.b_c-9", "0" * 64])
def test_a_good_name_is_taken(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", "a/b", "../a", ".a", "-a", "_a", "a b", "ä", "cats\n", "a\0b", "%", "0" * 65, "x" * 300],
)
def test_a_bad_name_is_refused(records: Records, name: str) -> None:
    with pytest.raises(InvalidRequest, match="no collection name") as refusal:
        new_collection(records, "c1", name, "starter", [])
    assert len(str(refusal.value)) < 250

    with pytest.raises(InvalidRequest):
        records.collections.find(name)


def test_a_name_is_given_once(records: Records, collection: Collection) -> None:
    with pytest.raises(Conflict, match="cats"):
        new_collection(records, "c2", "cats", "starter", [])
    assert [one.id for one in records.collections.all()] == ["c1"]


def test_what_is_being_made_is_not_seen_and_is_given_up_in_the_end(
    records: Records, collection: Collection
) -> None:
    records.collections.begin("c2", "starter", [MODEL])
    records.collections.begin("c3", "starter", [MODEL])
    assert [one.id for one in records.collections.all()] == [collection.id]
    assert records.collections.give_up(60) == []
    with pytest.raises(Conflict, match="cats"):
        records.collections.open("c2", "cats")

    assert [one.model for one in records.collections.open("c2", "dogs").spaces] == [MODEL]
    assert records.collections.give_up(0) == ["c3"]
    assert [one.id for one in records.collections.all(State.DELETING)] == ["c3"]
    with pytest.raises(Unavailable, match="given up"):
        records.collections.open("c3", "birds")


def test_an_unknown_collection_is_not_found(records: Records) -> None:
    with pytest.raises(NotFound, match="dogs"):
        records.collections.find("dogs")
    with pytest.raises(NotFound, match="c9"):
        records.collections.get("c9")


def test_doom_hides_a_collection_and_frees_its_name(
    records: Records, collection: Collection
) -> None:
    records.collections.mark_deleted("c1")
    records.collections.mark_deleted("c1")  # a task may run twice

    with pytest.raises(NotFound):
        records.collections.find("cats")
    assert records.collections.get("c1").state is State.DELETING
    assert records.collections.all() == []
    assert [gone.id for gone in records.collections.all(State.DELETING)] == ["c1"]

    again = new_collection(records, "c2", "cats", "starter", [MODEL])
    assert records.collections.find("cats") == again


def test_collections_are_listed_by_name(records: Records) -> None:
    for id, name in (("c1", "dogs"), ("c2", "ants"), ("c3", "cats")):
        new_collection(records, id, name, "starter", [])

    assert [found.name for found in records.collections.all()] == ["ants", "cats", "dogs"]


def test_remove_takes_the_jobs_along(records: Records, collection: Collection) -> None:
    records.jobs.create("j1", "c1", "ingest", {})

    records.collections.mark_deleted("c1")
    records.collections.remove("c1")

    with pytest.raises(NotFound):
        records.collections.get("c1")
    with pytest.raises(NotFound):
        records.jobs.get("j1")


def test_a_collection_that_holds_documents_is_not_removed(
    records: Records, collection: Collection
) -> None:
    records.documents.accept(offer("d1"))
    records.collections.mark_deleted("c1")

    with pytest.raises(Conflict, match="c1"):
        records.collections.remove("c1")

    assert records.collections.get("c1").state is State.DELETING
