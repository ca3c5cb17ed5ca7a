"""The turns of documents: claimed once, ended only by their owner, taken back when a lease ran out."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

import pytest
from sqlalchemy import update

from samespace.core.types import TEXT, Item, State
from samespace.store.records import Document, Records
from samespace.store.records.claims import Done
from samespace.store.records.tables import documents
from samespace.store.sql import writing
from tests.store.sql_fixtures import collection, database_url, digest, offer, records

__all__ = ["collection", "database_url", "records"]

pytestmark = pytest.mark.usefixtures("collection")

OVER = -1.0  # seconds of a lease that has run out when it is given


def _accept(records: Records, *ids: str) -> None:
    for id in ids:
        records.documents.accept(offer(id, id, external_id=id))


def _claim(records: Records, id: str, owner: str = "w1", seconds: float = 60) -> Document:
    (doc,) = records.claims.claim([id], owner, seconds)
    return doc


def _done(doc: Document, *warnings: str) -> Done:
    items = [Item(f"{doc.id}-0", doc.id, TEXT, 0, digest(doc.id))]
    return Done(doc, items, {}, warnings)


def _now(records: Records, id: str) -> Document:
    return records.documents.many([id])[id]


def test_a_claim_takes_what_waits_in_the_order_asked_for(records: Records) -> None:
    _accept(records, "d1", "d2", "d3")
    records.claims.claim(["d2"], "w2", 60)

    taken = records.claims.claim(["d3", "nobody", "d2", "d1"], "w1", 60)

    assert [(doc.id, doc.owner, doc.state, doc.attempt) for doc in taken] == [
        ("d3", "w1", State.PROCESSING, 1),
        ("d1", "w1", State.PROCESSING, 1),
    ]
    assert records.claims.claim(["d1", "d2", "d3"], "w1", 60) == []


def test_two_workers_never_take_the_same_document(records: Records) -> None:
    ids = [f"d{number}" for number in range(20)]
    _accept(records, *ids)
    together = threading.Barrier(6)

    def claim(worker: int) -> list[str]:
        together.wait()
        asked = ids if worker % 2 else ids[::-1]
        return [doc.id for doc in records.claims.claim(asked, f"w{worker}", 60)]

    with ThreadPoolExecutor(6) as pool:
        taken = [id for some in pool.map(claim, range(6)) for id in some]

    assert sorted(taken) == sorted(ids)


def test_renew_extends_only_the_leases_of_its_owner(records: Records) -> None:
    _accept(records, "d1", "d2", "d3")
    _claim(records, "d1", "w1", OVER)
    _claim(records, "d2", "w2", OVER)

    assert records.claims.renew("w1", 60, ["d1", "d2"]) == 1
    assert records.claims.lapse(3) == (["d2"], [])


def test_a_turn_that_ends_well_makes_the_document_live(records: Records) -> None:
    _accept(records, "d1")
    doc = _claim(records, "d1")
    assert records.claims.progress(doc, 1, 5)
    assert (_now(records, "d1").items_done, _now(records, "d1").items_total) == (1, 5)

    (live,) = records.claims.ready([_done(doc, "page 2 is empty")])

    assert live == _now(records, "d1")
    assert (live.state, live.owner, live.lease_until) == (State.READY, None, None)
    assert (live.live_generation, live.live_hash) == (1, digest("d1"))
    assert (live.warnings, live.items_done, live.items_total) == (("page 2 is empty",), 1, 1)


def test_a_turn_that_ends_badly_leaves_what_was_live(records: Records) -> None:
    _accept(records, "d1")
    records.claims.ready([_done(_claim(records, "d1"))])
    records.documents.accept(offer("d1", "changed", external_id="d1"))

    assert records.claims.fail(_claim(records, "d1"), "unreadable")

    doc = _now(records, "d1")
    assert (doc.state, doc.reason, doc.owner) == (State.FAILED, "unreadable", None)
    assert (doc.generation, doc.live_generation, doc.live_hash) == (2, 1, digest("d1"))
    assert [item.key for item in records.documents.items(doc)] == ["d1-0"]


def test_put_back_waits_again_and_counts_only_if_asked(records: Records) -> None:
    _accept(records, "d1", "d2")
    records.claims.put_back([_claim(records, "d1")])
    records.claims.put_back([_claim(records, "d2")], count_attempt=True)

    assert [(doc.state, doc.owner, doc.attempt) for doc in records.documents.page("c1")] == [
        (State.QUEUED, None, 0),
        (State.QUEUED, None, 1),
    ]


def _taken_by_another(records: Records) -> None:
    records.claims.lapse(9)
    _claim(records, "d1", "w2")


def _taken_back(records: Records) -> None:
    records.claims.lapse(9)


def _replaced(records: Records) -> None:
    records.documents.accept(offer("d1", "changed", external_id="d1"))


def _replaced_and_taken_by_the_same(records: Records) -> None:
    _replaced(records)
    _claim(records, "d1", "w1")


def _doomed(records: Records) -> None:
    records.documents.mark_deleted("c1")


@pytest.mark.parametrize(
    "meanwhile",
    [_taken_by_another, _taken_back, _replaced, _replaced_and_taken_by_the_same, _doomed],
)
def test_a_late_worker_changes_nothing(
    records: Records, meanwhile: Callable[[Records], None]
) -> None:
    _accept(records, "d1")
    late = _claim(records, "d1", "w1", OVER)
    meanwhile(records)
    before = _now(records, "d1")

    assert not records.claims.progress(late, 7, 9)
    assert records.claims.ready([_done(late)]) == []
    assert not records.claims.fail(late, "late")
    records.claims.put_back([late])

    assert _now(records, "d1") == before


def test_ready_takes_those_that_are_still_ours(records: Records) -> None:
    _accept(records, "d1", "d2", "d3")
    docs = records.claims.claim(["d1", "d2", "d3"], "w1", 60)
    records.documents.mark_deleted("c1", ["d2"])

    live = records.claims.ready([_done(doc) for doc in docs])

    assert [doc.id for doc in live] == ["d1", "d3"]


def test_ready_is_for_all_or_for_none(records: Records) -> None:
    _accept(records, "d1", "d2")
    docs = records.claims.claim(["d1", "d2"], "w1", 60)
    twice = Done(docs[1], [*_done(docs[1]).items] * 2, {}, ())  # two items of one position

    with pytest.raises(Exception, match=r"(?i)unique"):
        records.claims.ready([_done(docs[0]), twice])

    assert [_now(records, id).state for id in ("d1", "d2")] == [State.PROCESSING] * 2
    contents = [item.content_hash for item in _done(docs[0]).items]
    assert records.documents.unheld(contents) == contents


@contextmanager
def _somebody_writes(records: Records, id: str) -> Iterator[None]:
    """A transaction that gives the document a new generation, and ends after the block."""
    with writing(records.engine) as connection:
        change = update(documents).where(documents.c.id == id)
        connection.execute(
            change.values(state=State.DELETING, generation=documents.c.generation + 1, owner=None)
        )
        yield


@pytest.mark.parametrize("end", ["ready", "fail", "progress"])
def test_a_document_doomed_at_the_same_moment_stays_doomed(records: Records, end: str) -> None:
    _accept(records, "d1")
    doc = _claim(records, "d1")
    ends: dict[str, Callable[[], object]] = {
        "ready": partial(records.claims.ready, [_done(doc)]),
        "fail": partial(records.claims.fail, doc, "late"),
        "progress": partial(records.claims.progress, doc, 1, 1),
    }

    with ThreadPoolExecutor(1) as pool:
        with _somebody_writes(records, "d1"):
            ending: Future[object] = pool.submit(ends[end])
            with pytest.raises(TimeoutError):  # it waits for the writer
                ending.result(timeout=0.2)
        assert not ending.result(timeout=20)

    now = _now(records, "d1")
    assert (now.state, now.generation, now.live_generation) == (State.DELETING, 2, None)


def test_writers_of_many_documents_do_not_lock_each_other_out(records: Records) -> None:
    ids = [f"d{number:02}" for number in range(30)]
    _accept(records, *ids)

    def work(some: list[str], owner: str) -> None:
        for _ in range(10):
            records.claims.put_back(records.claims.claim(some, owner, 60)[::-1])
            records.claims.ready(
                [_done(doc) for doc in records.claims.claim(some[::-1], owner, 60)]
            )
            with writing(records.engine) as connection:
                change = update(documents).where(documents.c.id.in_(some[:1]))
                connection.execute(change.values(state=State.QUEUED))

    def tell() -> None:
        for _ in range(60):
            records.claims.submitted(ids)
            records.claims.renew("w1", 60, ids)

    with ThreadPoolExecutor(4) as pool:
        busy = [pool.submit(work, ids[::-1], "w1"), pool.submit(work, ids, "w2")]
        busy += [pool.submit(tell), pool.submit(tell)]
        for future in busy:
            future.result()


def test_a_lease_that_ran_out_gives_the_document_back(records: Records) -> None:
    _accept(records, "d1", "d2", "d3")
    _claim(records, "d1", "w1", OVER)
    _claim(records, "d2", "w1", 60)

    assert records.claims.lapse(3) == (["d1"], [])
    assert records.claims.lapse(3) == ([], [])

    doc = _now(records, "d1")
    assert (doc.state, doc.owner, doc.lease_until, doc.attempt) == (State.QUEUED, None, None, 1)
    assert _claim(records, "d1", "w2").attempt == 2


def test_the_last_attempt_that_lapses_fails_with_a_reason(records: Records) -> None:
    _accept(records, "d1")
    for _ in range(2):
        _claim(records, "d1", "w1", OVER)
        assert records.claims.lapse(3) == (["d1"], [])
    _claim(records, "d1", "w1", OVER)

    assert records.claims.lapse(3) == ([], ["d1"])
    doc = _now(records, "d1")
    assert (doc.state, doc.reason) == (
        State.FAILED,
        "its worker died 3 times while it was at this document",
    )


def test_waiting_lists_what_the_queue_may_have_forgotten(records: Records) -> None:
    _accept(records, "d1", "d2", "d3")
    with writing(records.engine) as connection:
        for id, when in (("d1", 200.0), ("d2", 100.0)):
            connection.execute(
                update(documents).where(documents.c.id == id).values(submitted_at=when)
            )

    assert records.claims.waiting(State.QUEUED, 60, 10) == ["d2", "d1"]
    assert records.claims.waiting(State.QUEUED, 60, 1) == ["d2"]
    assert records.claims.waiting(State.DELETING, 60, 10) == []
    records.claims.submitted(["d2"])
    assert records.claims.waiting(State.QUEUED, 60, 10) == ["d1"]


def test_live_documents_are_unswept_until_they_are_swept(records: Records) -> None:
    _accept(records, "d1")
    (first,) = records.claims.ready([_done(_claim(records, "d1"))])
    assert records.claims.unswept(10) == []

    records.documents.accept(offer("d1", "changed", external_id="d1"))
    assert records.claims.unswept(10) == []
    (live,) = records.claims.ready([_done(_claim(records, "d1"))])
    assert records.claims.unswept(10) == [live]

    records.claims.swept(live, 2)
    records.claims.swept(first, 1)  # a late sweeper takes nothing back
    assert records.claims.unswept(10) == []
    assert _now(records, "d1").swept_generation == 2


def test_retry_renews_what_failed_and_nothing_else(records: Records) -> None:
    _accept(records, "d1", "d2")
    records.claims.fail(_claim(records, "d1"), "broken")

    assert records.claims.retry("c9", ["d1"]) == []
    assert records.claims.retry("c1", ["d1", "d2", "nobody"]) == ["d1"]

    doc = _now(records, "d1")
    assert (doc.state, doc.generation, doc.reason, doc.attempt) == (State.QUEUED, 2, None, 0)
