"""The checks of `make chaos`, each fed stores that were tampered with: a check that cannot fail is worth nothing."""

import io
from collections import Counter
from dataclasses import replace

import pytest

from benchmarks.chaos.asking import versions_that_stand
from benchmarks.chaos.checks import (
    Broken,
    How,
    check_documents,
    check_index,
    check_leftovers,
    check_verify,
)
from benchmarks.chaos.contents import make
from benchmarks.chaos.ledger import Ledger, Said, Tracked
from benchmarks.chaos.observe import Observed, Seen
from benchmarks.chaos.schedule import Sort


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(io.StringIO())


def sent(
    ledger: Ledger,
    name: str,
    sort: Sort = Sort.TEXT,
    said: Said = Said.YES,
    of: Tracked | None = None,
) -> Tracked:
    doc = of or ledger.new("common", name)
    version = ledger.sending(doc, make(sort, 1, name, doc.newest + 1))
    ledger.added(doc, version, said, f"id-{name}" if said is Said.YES else None)
    return doc


def seen(doc: Tracked, version: int = 1, state: str = "ready", reason: str | None = None) -> Seen:
    content = doc.contents[version].sha256
    live = content if state == "ready" else None
    return Seen(doc.home, doc.external_id, f"id-{doc.external_id}", state, reason, content, live)


def stores(*documents: Seen) -> Observed:
    originals = {one.content_hash for one in documents}
    return Observed(documents=list(documents), originals=originals)


def judged(ledger: Ledger, *documents: Seen) -> list[How]:
    return [one.how for one in check_documents(ledger.all(), stores(*documents))]


def test_what_is_as_it_should_be_is_not_accused(ledger: Ledger) -> None:
    good, bad = sent(ledger, "good"), sent(ledger, "bad", Sort.BROKEN)
    gone, cancelled = sent(ledger, "gone"), sent(ledger, "cancelled")
    ledger.deleted(gone, Said.YES)
    ledger.cancelled(cancelled, Said.YES)
    found = [
        seen(good),
        seen(bad, state="failed", reason="it is broken"),
        seen(cancelled, state="cancelled"),
    ]
    assert judged(ledger, *found) == []


def test_lost_document_is_named(ledger: Ledger) -> None:
    sent(ledger, "here")
    (broken,) = check_documents(ledger.all(), stores())
    assert broken == Broken(How.LOST, "here in common was acknowledged and is not on record")


def test_old_version_that_stands_again_is_a_loss(ledger: Ledger) -> None:
    doc = sent(ledger, "note")
    sent(ledger, "note", of=doc)
    assert judged(ledger, seen(doc, 2)) == []
    assert judged(ledger, seen(doc, 1)) == [How.LOST]


def test_another_version_that_answers_is_a_loss(ledger: Ledger) -> None:
    doc = sent(ledger, "note")
    found = replace(seen(doc), live_hash="0" * 64)
    observed = replace(stores(found), originals={found.content_hash, "0" * 64})
    assert [one.how for one in check_documents(ledger.all(), observed)] == [How.LOST]


@pytest.mark.parametrize("state", ["queued", "processing"])
def test_document_that_never_ends_is_stuck(ledger: Ledger, state: str) -> None:
    assert judged(ledger, seen(sent(ledger, "note"), state=state)) == [How.STUCK]


def test_good_document_must_not_fail_nor_a_broken_one_be_ready(ledger: Ledger) -> None:
    good, bad = sent(ledger, "good"), sent(ledger, "bad", Sort.BROKEN)
    found = [seen(good, state="failed", reason="the index died"), seen(bad)]
    assert judged(ledger, *found) == [How.FAILED, How.FAILED]


def test_failure_needs_a_reason(ledger: Ledger) -> None:
    assert judged(ledger, seen(sent(ledger, "bad", Sort.BROKEN), state="failed")) == [How.FAILED]


def test_document_that_rose_again_is_named(ledger: Ledger) -> None:
    doc = sent(ledger, "note")
    ledger.deleted(doc, Said.YES)
    assert judged(ledger, seen(doc)) == [How.ROSE]


def test_document_nobody_sent_is_named(ledger: Ledger) -> None:
    stranger = Seen("common", "stranger", "1", "ready", None, "0" * 64, "0" * 64)
    assert judged(ledger, stranger) == [How.NOT_SENT]


def test_refused_upload_must_not_be_there(ledger: Ledger) -> None:
    doc = sent(ledger, "note", said=Said.NO)
    assert judged(ledger) == []
    assert judged(ledger, seen(doc)) == [How.ROSE]


@pytest.mark.parametrize(
    ("said", "stand"), [(Said.NO, {1}), (Said.UNKNOWN, {1, 2}), (Said.YES, {2})]
)
def test_of_versions_with_the_same_bytes_a_refused_one_does_not_stand(
    ledger: Ledger, said: Said, stand: set[int]
) -> None:
    doc = sent(ledger, "twin", of=sent(ledger, "twin"), said=said)
    assert versions_that_stand(doc, {1, 2}) == stand


def test_upload_without_an_answer_may_be_there_but_not_by_half(ledger: Ledger) -> None:
    doc = sent(ledger, "note", said=Said.UNKNOWN)
    assert judged(ledger) == []
    assert judged(ledger, seen(doc)) == []
    half = Observed(documents=[seen(doc)])
    assert [one.how for one in check_documents(ledger.all(), half)] == [How.HALF]


def test_deletion_without_an_answer_leaves_both_open(ledger: Ledger) -> None:
    doc = sent(ledger, "note")
    ledger.deleted(doc, Said.UNKNOWN)
    assert judged(ledger) == []
    assert judged(ledger, seen(doc)) == []


def test_cancelled_document_must_not_become_ready_and_a_retried_one_must(ledger: Ledger) -> None:
    doc = sent(ledger, "note")
    ledger.cancelled(doc, Said.YES)
    assert judged(ledger, seen(doc)) == [How.FAILED]
    ledger.retried(doc, Said.YES)
    assert judged(ledger, seen(doc)) == []
    assert judged(ledger, seen(doc, state="cancelled")) == [How.FAILED]


@pytest.mark.parametrize(
    ("recorded", "indexed", "how"),
    [
        ({"a": 1}, {"a": 2}, How.DUPLICATE),
        ({"a": 2}, {"a": 1}, How.DUPLICATE),
        ({"a": 1}, {}, How.MISSING),
        ({}, {"a": 1}, How.ORPHAN),
    ],
)
def test_index_holds_each_item_once(
    recorded: dict[str, int], indexed: dict[str, int], how: How
) -> None:
    observed = Observed(
        recorded={"c": Counter(recorded) + Counter("b")},
        indexed={"c": Counter(indexed) + Counter("b")},
    )
    assert list(check_index(observed)) == [Broken(how, "item a in c")]


def test_original_of_a_deleted_document_must_go(ledger: Ledger) -> None:
    doc = sent(ledger, "note")
    ledger.deleted(doc, Said.YES)
    content = doc.contents[1].sha256
    there = Observed(originals={content})
    (broken,) = check_leftovers(ledger.all(), there, ledger.unsure())
    assert broken.how is How.LEFTOVER
    assert content in broken.what
    twin = replace(there, documents=[replace(seen(doc), external_id="twin")])
    assert list(check_leftovers(ledger.all(), twin, ledger.unsure())) == []
    assert list(check_leftovers(ledger.all(), there, {content})) == []


def test_vector_nobody_holds_must_go(ledger: Ledger) -> None:
    there = Observed(unheld_vectors={"left"})
    (broken,) = check_leftovers([], there, set())
    assert broken == Broken(How.LEFTOVER, "cached vector of content left")


def test_everything_that_verify_says_counts() -> None:
    difference = {
        "collection": "common",
        "space": "text",
        "found": 2,
        "kind": "missing-item",
        "examples": ["a"],
    }
    clean = {"differences": [], "complete": True}
    assert list(check_verify(clean)) == []
    (broken,) = check_verify({**clean, "differences": [difference]})
    assert broken == Broken(How.VERIFY, "common/text: 2 missing-item, ['a']")
    assert [one.how for one in check_verify({**clean, "complete": False})] == [How.VERIFY]
