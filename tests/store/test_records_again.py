"""A document that is added again: its metadata, and an older one of its name."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from samespace.core.errors import InvalidRequest, TooLarge
from samespace.core.types import TEXT, Item, State
from samespace.store.metadata import MetadataMode
from samespace.store.records import Document, Records
from samespace.store.records.claims import Done
from samespace.store.records.offers import Outcome, SameName, Taken
from tests.store.sql_fixtures import collection, database_url, offer, records

__all__ = ["collection", "database_url", "records"]

pytestmark = pytest.mark.usefixtures("collection")

KEEP, REPLACE = SameName.KEEP_BOTH, SameName.REPLACE
CAFE, DECOMPOSED = "caf\u00e9.txt", "cafe\u0301.txt"


def _make_ready(records: Records, id: str) -> Document:
    (doc,) = records.claims.claim([id], "w", 60)
    item = Item(f"{id}-0", id, TEXT, 0, "0" * 64)
    (live,) = records.claims.ready([Done(doc, [item], {}, ())])
    return live


def _namesakes(records: Records, doc: Document) -> list[str]:
    """What is told of the others of a document's name when it is offered once more as it is."""
    same = offer("again", name=doc.name, content_hash=doc.content_hash, on_same_name=KEEP)
    [answer] = records.documents.accept_all([same])
    assert isinstance(answer, Taken)
    assert (answer.document, answer.outcome) == (doc, Outcome.UNCHANGED)
    return list(answer.same_name)


@pytest.mark.parametrize(
    ("given", "mode", "left", "outcome"),
    [
        ({}, "merge", {"box": 7, "shelf": "a"}, Outcome.UNCHANGED),
        ({"box": 8}, "merge", {"box": 8, "shelf": "a"}, Outcome.UPDATED),
        ({"new": 1}, "merge", {"box": 7, "shelf": "a", "new": 1}, Outcome.UPDATED),
        ({"box": None}, "merge", {"shelf": "a"}, Outcome.UPDATED),
        ({"other": None}, "merge", {"box": 7, "shelf": "a"}, Outcome.UNCHANGED),
        ({"box": 7.0}, "merge", {"box": 7.0, "shelf": "a"}, Outcome.UPDATED),
        ({"box": {"x": None}}, "merge", {"box": {"x": None}, "shelf": "a"}, Outcome.UPDATED),
        ({}, "replace", {}, Outcome.UPDATED),
        ({"box": 8, "shelf": None}, "replace", {"box": 8}, Outcome.UPDATED),
        ({"shelf": "a", "box": 7}, "replace", {"shelf": "a", "box": 7}, Outcome.UNCHANGED),
    ],
)
def test_metadata_that_is_not_named_is_kept(
    records: Records, given: dict[str, Any], mode: str, left: dict[str, Any], outcome: Outcome
) -> None:
    records.documents.accept(offer("d1", metadata={"box": 7, "shelf": "a"}))

    doc, came_to = records.documents.accept(
        offer("d2", metadata=given, metadata_mode=MetadataMode(mode))
    )

    assert (doc.id, doc.metadata, came_to) == ("d1", left, outcome)
    assert type(doc.metadata.get("box")) is type(left.get("box"))


def test_changed_bytes_keep_the_metadata_too(records: Records) -> None:
    records.documents.accept(offer("d1", "one", external_id="a", metadata={"box": 7}))

    doc, outcome = records.documents.accept(
        offer("d2", "two", external_id="a", metadata={"shelf": "b"})
    )

    assert (doc.metadata, outcome) == ({"box": 7, "shelf": "b"}, Outcome.REPLACED)


def test_a_null_of_a_new_document_is_nothing(records: Records) -> None:
    doc, _ = records.documents.accept(offer("d1", metadata={"a": None, "b": [None]}))
    assert doc.metadata == {"b": [None]}


def test_numbers_past_the_whole_floats_stay_exact(records: Records) -> None:
    numbers: dict[str, object] = {"id": 2**53 + 1, "long": -(10**25) - 1, "float": 0.1}
    records.documents.accept(offer("d1", metadata=numbers))

    assert records.documents.get("c1", "d1").metadata == numbers
    _, outcome = records.documents.accept(offer("d2", metadata={"id": 2**53}))
    assert outcome is Outcome.UPDATED


def test_caches_metadata_counts_against_the_limits(records: Records) -> None:
    records.documents.accept(offer("d1", metadata={"a": "x" * 600}))

    more = offer("d2", metadata={"b": "y" * 600}, most_metadata=1000)
    with pytest.raises(TooLarge, match="has 1218 bytes, the limit is 1000"):
        records.documents.accept(more)
    records.documents.accept(offer("d3", metadata={"c": "z" * 50_000}))
    with pytest.raises(InvalidRequest, match="more than 60000"):
        records.documents.accept(offer("d4", metadata={"d": "z" * 50_000}, most_metadata=1_000_000))
    assert records.documents.get("c1", "d1").metadata.keys() == {"a", "c"}


def test_other_bytes_of_the_same_name_are_kept_and_told(records: Records) -> None:
    one, first = records.documents.accept(offer("d1", "one", name=CAFE, on_same_name=KEEP))
    two, second = records.documents.accept(offer("d2", "two", name=DECOMPOSED, on_same_name=KEEP))

    assert (first, second) == (Outcome.CREATED, Outcome.KEPT_BOTH)
    assert _namesakes(records, one) == ["d2"]
    assert _namesakes(records, two) == ["d1"]
    again, third = records.documents.accept(offer("d3", "two", name=CAFE, on_same_name=KEEP))
    assert (again.id, third) == ("d2", Outcome.UNCHANGED)


def test_other_bytes_of_the_same_name_replace_it_where_that_is_asked_for(records: Records) -> None:
    records.documents.accept(offer("d1", "one", name=CAFE, metadata={"box": 7}))
    _make_ready(records, "d1")

    doc, outcome = records.documents.accept(
        offer("d2", "two", name=DECOMPOSED, on_same_name=REPLACE)
    )

    assert (doc.id, outcome, doc.metadata) == ("d1", Outcome.REPLACED, {"box": 7})
    assert (doc.generation, doc.live_generation, doc.state) == (2, 1, State.QUEUED)
    assert _namesakes(records, doc) == []


def test_of_several_the_newest_is_replaced_and_the_others_are_told(records: Records) -> None:
    for number in (1, 2, 3):
        records.documents.accept(
            offer(f"d{number}", f"bytes {number}", name="a.txt", on_same_name=KEEP)
        )

    doc, outcome = records.documents.accept(
        offer("d4", "other", name="a.txt", on_same_name=REPLACE)
    )

    assert (doc.id, outcome) == ("d3", Outcome.REPLACED)
    assert _namesakes(records, doc) == ["d2", "d1"]


@pytest.mark.parametrize(
    "older",
    [{"external_id": "/a.txt"}, {"name": "A.txt"}, {"name": "b.txt"}],
    ids=["known by an external id", "another case", "another name"],
)
@pytest.mark.parametrize("way", [KEEP, REPLACE])
def test_what_is_no_namesake_stays_as_it_is(
    records: Records, older: dict[str, str], way: SameName
) -> None:
    records.documents.accept(offer("d1", "one", **{"name": "a.txt", **older}))  # type: ignore[arg-type]

    doc, outcome = records.documents.accept(offer("d2", "two", name="a.txt", on_same_name=way))

    assert (doc.id, outcome) == ("d2", Outcome.CREATED)
    assert _namesakes(records, doc) == []


def test_a_document_with_an_external_id_replaces_nothing_by_its_name(records: Records) -> None:
    records.documents.accept(offer("d1", "one", name="a.txt"))

    doc, outcome = records.documents.accept(
        offer("d2", "two", name="a.txt", external_id="/a.txt", on_same_name=REPLACE)
    )

    assert (doc.id, outcome) == ("d2", Outcome.CREATED)


def test_an_older_one_that_failed_is_nothing_that_was_kept(records: Records) -> None:
    records.documents.accept(offer("d1", "one", name="a.txt"))
    (claimed,) = records.claims.claim(["d1"], "w", 60)
    records.claims.fail(claimed, "broken")

    _, kept = records.documents.accept(offer("d2", "two", name="a.txt", on_same_name=KEEP))

    assert kept is Outcome.CREATED


def test_of_two_that_replace_at_once_one_stays(records: Records) -> None:
    records.documents.accept(offer("d0", "zero", name="a.txt"))

    def replaces(number: int) -> str:
        made = offer(f"d{number}", f"bytes {number}", name="a.txt", on_same_name=REPLACE)
        return records.documents.accept(made)[0].id

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(replaces, range(1, 9))) == {"d0"}
    assert records.documents.get("c1", "d0").generation == 9


@pytest.mark.parametrize(
    "asked", ["caf\u00e9", "CAF\u00c9", "cafe\u0301", "FE\u0301.TX", "Stra\u00dfe", "STRASSE"]
)
def test_names_are_found_as_people_compare_them(records: Records, asked: str) -> None:
    records.documents.accept(offer("d1", "one", name="Caf\u00e9.txt", external_id="/STRASSE"))
    records.documents.accept(offer("d2", "two", name="cafe\u0301.txt", external_id="/stra\u00dfe"))
    records.documents.accept(offer("d3", "three", name="cafe.txt"))

    assert {doc.id for doc in records.documents.newest("c1", name=asked)} == {"d1", "d2"}
