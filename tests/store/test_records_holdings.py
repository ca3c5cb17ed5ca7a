"""What the records say that the other stores have to hold."""

import pytest

from samespace.core.types import IMAGE, TEXT, Item, State
from samespace.store.records import Document, LiveItem, Records
from samespace.store.records.claims import Done
from tests.store.sql_fixtures import collection, database_url, digest, offer, records

__all__ = ["collection", "database_url", "records"]

pytestmark = pytest.mark.usefixtures("collection")

BOTH = (TEXT, IMAGE)


def _accept(records: Records, id: str, content: str) -> Document:
    return records.documents.accept(offer(id, content, external_id=id))[0]


def _ingest(records: Records, id: str, content: str, *keys: str) -> Document:
    known = _accept(records, id, content)
    (doc,) = records.claims.claim([known.id], "w1", 60)
    kinds = [BOTH[number % 2] for number in range(len(keys))]
    items = [
        Item(key, doc.id, kind, number, digest(key))
        for number, (key, kind) in enumerate(zip(keys, kinds, strict=True))
    ]
    (ready,) = records.claims.ready([Done(doc, items, {}, ())])
    return ready


def test_live_items_come_in_the_order_of_their_keys(records: Records) -> None:
    _ingest(records, "d1", "one", "e", "b")
    _ingest(records, "d2", "two", "c", "a")
    _accept(records, "d3", "three")

    found = list(records.holdings.live_items("c1", BOTH))

    assert [(item.key, item.document_id) for item in found] == [
        ("a", "d2"),
        ("b", "d1"),
        ("c", "d2"),
        ("e", "d1"),
    ]
    assert found[0] == LiveItem("a", "d2", 1, digest("a"))
    assert [item.key for item in records.holdings.live_items("c1", BOTH[:1])] == ["c", "e"]
    assert list(records.holdings.live_items("c2", BOTH)) == []


def test_the_stamp_differs_when_what_answers_searches_does(records: Records) -> None:
    empty = records.holdings.live_stamp("c1")
    assert (empty.documents, empty.items) == (0, {})
    _ingest(records, "d1", "one", "a", "b", "c")
    one = records.holdings.live_stamp("c1")
    assert (one.documents, one.items) == (1, {TEXT: 2, IMAGE: 1})

    _accept(records, "d2", "two")  # waits, and answers nothing yet
    assert records.holdings.live_stamp("c1") == one
    _ingest(records, "d1", "changed", "d")
    changed = records.holdings.live_stamp("c1")
    assert (changed.documents, changed.items) == (1, {TEXT: 1})
    _ingest(records, "d2", "two", "e")
    records.documents.mark_deleted("c1", ["d1"])
    swapped = records.holdings.live_stamp("c1")
    assert (swapped.documents, swapped.items) == (1, {TEXT: 1})
    assert len({one.generations, changed.generations}) == 2
    assert swapped != changed


def test_a_stream_shows_one_moment_and_holds_up_nobody(records: Records) -> None:
    _ingest(records, "d1", "one", *(f"{number:04}" for number in range(2500)))
    stream = records.holdings.live_items("c1", BOTH)
    first = next(stream)
    _ingest(records, "d2", "two", "zz")
    records.documents.mark_deleted("c1", ["d1"])

    assert [first, *stream][-1].key == "2499"
    assert [item.key for item in records.holdings.live_items("c1", BOTH)] == ["zz"]


def test_only_items_of_live_versions_are_had(records: Records) -> None:
    _ingest(records, "d1", "one", "a")
    _ingest(records, "d1", "other", "b")

    assert records.holdings.has_items(["d1", "nobody"], ["a", "b", "c"]) == {"b"}


def test_originals_are_those_accepted_and_those_live(records: Records) -> None:
    _ingest(records, "d1", "old", "a")
    _accept(records, "d1", "new")
    _accept(records, "d2", "new")
    wanted = sorted([digest("old"), digest("new")])

    assert list(records.holdings.originals()) == wanted
    assert records.holdings.unheld_originals([*wanted, "0" * 64]) == ["0" * 64]
    assert records.holdings.unheld_originals([]) == []


def test_holders_need_what_is_live_or_to_be_ingested(records: Records) -> None:
    _ingest(records, "d1", "old", "a")
    _accept(records, "d1", "new")
    (claimed,) = records.claims.claim(["d1"], "w1", 60)

    assert [doc.id for doc in records.holdings.holders(digest("old"))] == ["d1"]
    assert [doc.id for doc in records.holdings.holders(digest("new"))] == ["d1"]
    records.claims.fail(claimed, "for the test")
    assert records.holdings.holders(digest("new")) == []
    records.documents.mark_deleted("c1", ["d1"])
    assert records.holdings.holders(digest("old")) == []


def test_the_oldest_unfinished_document_counts(records: Records) -> None:
    assert records.holdings.unfinished_since() is None
    first = _accept(records, "d1", "one")
    _accept(records, "d2", "two")
    assert records.holdings.unfinished_since() == first.created_at
    records.claims.claim(["d1"], "w1", 60)
    assert records.holdings.unfinished_since() == first.created_at


def test_a_live_document_can_be_written_again(records: Records) -> None:
    ready = _ingest(records, "d1", "one", "a")
    _accept(records, "d2", "two")

    assert records.claims.rewrite(["d1", "d2", "nobody"]) == ["d1"]
    assert records.claims.rewrite(["d1"]) == []

    now = records.documents.many(["d1"])["d1"]
    assert (now.state, now.generation, now.attempt) == (State.QUEUED, ready.generation + 1, 0)
    assert now.live_generation == ready.live_generation
