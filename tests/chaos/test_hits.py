"""What `make chaos` says of the answers it gets while everything is being killed."""

import io
from itertools import islice
from typing import Any

import pytest

from benchmarks.chaos.contents import make
from benchmarks.chaos.hits import check_hits
from benchmarks.chaos.ledger import Ledger, Said
from benchmarks.chaos.recovery import Recovery
from benchmarks.chaos.schedule import Harm, Sort, faults, steps


@pytest.fixture
def ledger() -> Ledger:
    """Two versions of a document `note` in collection `common`."""
    book = Ledger(io.StringIO())
    doc = book.new("common", "note")
    for version in (1, 2):
        book.sending(doc, make(Sort.TEXT, 1, "note", version))
        book.added(doc, version, Said.YES, "id")
    return book


def hit(id: str = "item", version: int = 2, name: str = "note") -> dict[str, Any]:
    return {
        "id": id,
        "document": {"id": "id", "external_id": name},
        "metadata": {"version": version},
    }


def wrongs(ledger: Ledger, *hits: dict[str, Any], home: str = "common", life: int = 0) -> list[str]:
    return list(check_hits(hits, home, life, ledger.floors(), ledger))


def test_item_answered_twice(ledger: Ledger) -> None:
    assert wrongs(ledger, hit("a"), hit("b")) == []
    assert wrongs(ledger, hit("a"), hit("a")) == ["item a was answered 2 times"]


def test_document_of_another_collection_or_an_earlier_life(ledger: Ledger) -> None:
    assert "of collection common" in wrongs(ledger, hit(), home="own-1")[0]
    assert "answered in life 1" in wrongs(ledger, hit(), life=1)[0]


def test_document_nobody_sent(ledger: Ledger) -> None:
    assert "which nobody sent" in wrongs(ledger, hit(name="stranger"))[0]
    assert "which nobody sent" in wrongs(ledger, hit(version=3))[0]


def test_document_found_after_its_deletion_was_acknowledged(ledger: Ledger) -> None:
    before = ledger.floors()
    ledger.deleted(ledger.documents["note"], Said.YES)
    assert list(check_hits([hit()], "common", 0, before, ledger)) == []
    assert "was deleted before" in wrongs(ledger, hit())[0]


def test_document_of_a_deleted_collection(ledger: Ledger) -> None:
    ledger.collection_deleted("common")
    assert wrongs(ledger, hit())


def test_old_version_after_the_new_one_was_seen(ledger: Ledger) -> None:
    assert wrongs(ledger, hit(version=1)) == []
    assert wrongs(ledger, hit(version=2)) == []
    assert "was replaced before" in wrongs(ledger, hit(version=1))[0]


def test_recovery_counts_from_the_fault_to_what_began_after_it() -> None:
    recovery = Recovery()
    recovery.hit(Harm.INDEX, 10.0, ["search"])
    recovery.succeeded("search", began=9.0)
    recovery.succeeded("ingest", began=11.0)
    assert recovery.longest() == (float("inf"), "search after kill index")
    recovery.succeeded("search", began=11.0)
    assert recovery.longest()[0] < float("inf")


def test_a_seed_is_one_schedule() -> None:
    assert list(islice(steps(7, 0), 50)) == list(islice(steps(7, 0), 50))
    assert list(islice(steps(7, 0), 50)) != list(islice(steps(7, 1), 50))
    assert list(islice(faults(7), 50)) == list(islice(faults(7), 50))
    assert Harm.EVERYTHING not in {
        fault.harm for fault in islice(faults(7, most_everything=0), 200)
    }


def test_contents_are_made_again_and_unlike_each_other() -> None:
    for sort in Sort:
        assert make(sort, 1, "a", 1) == make(sort, 1, "a", 1)
    alone = [make(Sort.TEXT, 1, name, 1).sha256 for name in "abcdefgh"]
    twins = [make(Sort.TWIN, 1, name, 1).sha256 for name in "abcdefgh"]
    assert (len(set(alone)), len(set(twins)) <= 4) == (8, True)
