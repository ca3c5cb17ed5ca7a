"""What may be nobody's: noted in time, looked at when its document has come to its end, kept while anybody needs it."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from samespace.core.types import TEXT, Item
from samespace.store.records import Document, Records
from samespace.store.records.claims import Done
from samespace.store.records.garbage import WRITING_SECONDS, Unheld
from tests.store.sql_fixtures import collection, database_url, digest, offer, records

__all__ = ["collection", "database_url", "records"]

pytestmark = pytest.mark.usefixtures("collection")


def let_go(records: Records) -> Unheld:
    with records.garbage.letting_go(100) as unheld:
        return unheld


def claim(records: Records, id: str) -> Document:
    (doc,) = records.claims.claim([id], "worker", 60)
    return doc


def ready(records: Records, doc: Document, *contents: str) -> None:
    items = [
        Item(f"{doc.id}-{doc.generation}-{n}", doc.id, TEXT, n, digest(content), content)
        for n, content in enumerate(contents)
    ]
    assert records.claims.ready([Done(doc, items, {}, ())])


def note(records: Records, doc: Document, *contents: str) -> None:
    records.garbage.note({doc.id: hashes(contents)}, is_written=True)


def hashes(contents: Sequence[str]) -> list[str]:
    return sorted(digest(content) for content in contents)


def test_a_version_that_is_replaced_before_it_was_live_leaves_its_original(
    records: Records,
) -> None:
    records.documents.accept(offer("d1", "one", external_id="a"))
    records.documents.accept(offer("d1", "two", external_id="a"))
    assert let_go(records) == Unheld([], [])  # its worker may still read it
    ready(records, claim(records, "d1"), "x")
    assert let_go(records) == Unheld([digest("one")], [])
    assert not records.garbage.is_due()


def test_a_new_version_leaves_what_only_the_old_one_held(records: Records) -> None:
    records.documents.accept(offer("d1", "one", external_id="a"))
    ready(records, claim(records, "d1"), "x", "shared")
    records.documents.accept(offer("d1", "two", external_id="a"))
    ready(records, claim(records, "d1"), "shared", "y")
    assert let_go(records) == Unheld([digest("one")], [digest("x")])
    assert not records.garbage.is_due()


def test_a_removed_document_leaves_what_no_other_holds(records: Records) -> None:
    for id, own in (("d1", "one"), ("d2", "two")):
        records.documents.accept(offer(id, own))
        ready(records, claim(records, id), own, "shared")
    records.documents.mark_deleted("c1", ["d1"])
    assert let_go(records) == Unheld([], [])
    records.documents.remove("d1")
    assert let_go(records) == Unheld([digest("one")], [digest("one")])


def test_a_document_deleted_at_work_leaves_what_its_worker_cached(records: Records) -> None:
    records.documents.accept(offer("d1"))
    note(records, claim(records, "d1"), "x")
    assert not records.garbage.is_due()
    records.documents.mark_deleted("c1", ["d1"])
    records.documents.remove("d1")
    assert let_go(records).contents == [digest("x")]


def test_what_a_document_at_work_noted_is_held(records: Records) -> None:
    """Else its vector, found in the cache, could go before the document is live."""
    for id in ("d1", "d2"):
        records.documents.accept(offer(id, id))
    ready(records, claim(records, "d1"), "shared")
    at_work = claim(records, "d2")
    note(records, at_work, "shared")
    records.documents.mark_deleted("c1", ["d1"])
    records.documents.remove("d1")
    assert let_go(records) == Unheld([digest("d1")], [])
    ready(records, at_work, "shared")
    assert not records.garbage.is_due()


def test_a_failed_document_leaves_vectors_but_keeps_its_original(records: Records) -> None:
    records.documents.accept(offer("d1", "one"))
    doc = claim(records, "d1")
    note(records, doc, "x", "y")
    records.claims.fail(doc, "broken")
    assert let_go(records) == Unheld([], hashes(["x", "y"]))


def test_what_could_not_be_deleted_is_looked_at_again(records: Records) -> None:
    records.documents.accept(offer("d1", "one"))
    records.documents.mark_deleted("c1", ["d1"])
    records.documents.remove("d1")
    with pytest.raises(ZeroDivisionError), records.garbage.letting_go(100):
        _ = 1 // 0
    assert let_go(records).originals == [digest("one")]


def test_nothing_is_noted_while_contents_are_let_go(records: Records) -> None:
    records.documents.accept(offer("d1"))
    doc = claim(records, "d1")
    with ThreadPoolExecutor(1) as pool:
        with records.garbage.letting_go(100):
            noting = pool.submit(note, records, doc, "x")
            with pytest.raises(TimeoutError):
                noting.result(timeout=0.2)
        noting.result(timeout=20)


def test_what_is_noted_while_others_are_let_go_is_not_forgotten_with_them(
    records: Records,
) -> None:
    """Two at once, and an id that is given again: each looks at what is there once it has the lock."""
    for id in ("d1", "d2"):
        records.documents.accept(offer(id, id))
    records.documents.mark_deleted("c1")
    records.documents.remove("d1")
    second = records.garbage.letting_go(100)
    assert let_go(records).originals == [digest("d1")]
    records.documents.remove("d2")
    with second as unheld:
        assert unheld.originals == [digest("d2")]
    assert not records.garbage.is_due()


def test_what_may_still_be_written_is_not_let_go_of_yet(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    records.documents.accept(offer("d1"))
    doc = claim(records, "d1")
    records.garbage.note({doc.id: hashes(["x"])})
    assert records.claims.fail(doc, "broken")
    now = time.time()
    assert not records.garbage.is_due()
    assert not records.garbage.is_empty()
    monkeypatch.setattr(
        "samespace.store.records.garbage.time.time", lambda: now + WRITING_SECONDS + 1
    )
    assert let_go(records) == Unheld([], hashes(["x"]))
    assert records.garbage.is_empty()
