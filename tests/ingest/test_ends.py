"""Claims that do not end well: called off, stumbled, hopeless. Each ends, alone, and leaves nothing in the index."""

import time
from collections.abc import Callable, Iterator, Sequence

import pytest
from sqlalchemy import update

from ingest.embed import ingest_documents
from ingest.withdraw import take_out
from samespace.core.errors import FingerprintMismatch, SamespaceError, Unavailable
from samespace.core.types import Row, State, Vectors
from samespace.store.blobs import original
from samespace.store.records import Document
from samespace.store.records.tables import documents
from samespace.store.sql import writing
from tests.fuzz.light import LightEncoders
from tests.ingest.house import House

LONG = "\n\n".join(f"Chapter {n}. " + "The tide comes and goes. " * 40 for n in range(30))
LONGER = "\n\n".join([LONG] * 4)  # which is cut in more than two steps


@pytest.fixture(scope="module")
def encoders() -> Iterator[LightEncoders]:
    """What is encoded here is asked nothing: the models took longer than all the rest."""
    encoders = LightEncoders()
    yield encoders
    encoders.close()


def cancel(house: House, doc: Document) -> None:
    assert house.services.records.claims.cancel(house.collection.id, [doc.id]) == [doc.id]


def after_slices(count: int, act: Callable[[], object]) -> Callable[[], bool]:
    """A `must_stop` that acts before a slice and never stops anything."""
    left = iter(range(1000))

    def must_stop() -> bool:
        if next(left) == count:
            act()
        return False

    return must_stop


def test_a_document_cancelled_at_work_is_let_go_after_the_slice(house: House) -> None:
    long, short = house.accept(LONG, external_id="long"), house.accept("a short note")
    claimed = house.claim(long, short)
    written: list[int] = []
    write = house.services.index.upsert

    def count(name: str, rows: Sequence[Row], vectors: Vectors) -> None:
        written.append(sum(row.item.document_id == long.id for row in rows))
        write(name, rows, vectors)

    house.services.index.upsert = count  # type: ignore[method-assign]
    ready = ingest_documents(
        claimed, house.services, must_stop=after_slices(3, lambda: cancel(house, long))
    )

    assert ready == [house.now(short)]
    assert written[:3] == [8, 8, 8]  # two slices, and the one that was at hand
    assert sum(written) == 24
    now = house.now(long)
    assert (now.state, now.owner, now.live_generation, now.has_leftovers) == (
        State.CANCELLED,
        None,
        None,
        False,
    )
    assert {row.item.document_id for row in house.rows()} == {short.id}


def test_a_long_text_is_let_go_while_it_is_cut(house: House) -> None:
    long, short = house.accept(LONGER, external_id="long"), house.accept("a short note")
    asked = 0

    def must_stop() -> bool:
        nonlocal asked
        asked += 1
        if asked == 2:
            cancel(house, long)
        return False

    ready = ingest_documents(house.claim(long, short), house.services, must_stop=must_stop)
    assert ready == [house.now(short)]
    assert asked == 3  # twice while the long one was cut, and before the one slice
    assert house.now(long).state is State.CANCELLED
    assert {row.item.document_id for row in house.rows()} == {short.id}


def test_a_worker_that_ends_does_not_wait_for_a_long_text(house: House) -> None:
    long, short = house.accept(LONGER, external_id="long"), house.accept("a short note")
    stopping = iter([False, True])
    claimed = house.claim(long, short)
    ready = ingest_documents(claimed, house.services, must_stop=lambda: next(stopping))
    assert ready == []
    assert [house.now(doc).state for doc in claimed] == [State.QUEUED] * 2
    assert house.rows() == []


def test_an_older_version_outlives_the_cancelled_one_and_retry_brings_the_new(house: House) -> None:
    old = house.accept("the old words", external_id="a.txt")
    house.ingest(old)
    new = house.accept(LONG, external_id="a.txt")
    ingest_documents(
        house.claim(new), house.services, must_stop=after_slices(1, lambda: cancel(house, new))
    )
    assert [row.item.text for row in house.rows()] == ["the old words"]
    assert house.now(new).live_generation == 1

    assert house.services.records.claims.retry(house.collection.id, [new.id]) == [new.id]
    (ready,) = house.ingest(new)
    assert ready.job_id == new.job_id
    assert {row.generation for row in house.rows()} == {ready.generation}


def test_what_a_dead_worker_wrote_of_a_cancelled_document_is_taken_out(house: House) -> None:
    old = house.accept("the old words", external_id="a.txt")
    house.ingest(old)
    new = house.accept(LONG, external_id="a.txt")
    ingest_documents(house.claim(new), house.services, must_stop=after_slices(2, _die(house)))
    assert len(house.rows()) > 1
    cancel(house, new)
    claims = house.services.records.claims
    assert claims.leftovers(60, 10) == []  # its worker may yet do it
    [left] = claims.leftovers(-1, 10)

    take_out(left, house.services)

    assert [row.item.text for row in house.rows()] == ["the old words"]
    assert claims.leftovers(-1, 10) == []


def _die(house: House) -> Callable[[], None]:
    """As if the process had died here: nothing that it does from now on has an effect on the records."""

    def act() -> None:
        with writing(house.services.records.engine) as connection:
            connection.execute(
                update(documents).where(documents.c.owner == "worker").values(lease_until=0)
            )
        house.services.records.claims.lapse(9)

    return act


def test_a_failure_in_the_middle_leaves_no_rows(house: House) -> None:
    doc = house.accept(LONG)
    write, calls = house.services.index.upsert, iter(range(100))

    def break_at_third(name: str, rows: Sequence[Row], vectors: Vectors) -> None:
        write(name, rows, vectors)
        if next(calls) == 2:
            raise ValueError("the third slice is too much")

    house.services.index.upsert = break_at_third  # type: ignore[method-assign]
    assert house.ingest(doc) == []
    now = house.now(doc)
    assert (now.state, now.has_leftovers) == (State.FAILED, False)
    assert house.rows() == []


def test_another_encoder_than_the_collections_fails_with_the_reason(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs = [house.accept(f"note {n}") for n in range(3)]

    def mismatch(*_: object) -> None:
        raise FingerprintMismatch("space 'clip' is another one now")

    with monkeypatch.context() as changed:
        changed.setattr("ingest.embed.open_spaces", mismatch)
        assert house.ingest(*docs) == []
    assert {house.now(doc).state for doc in docs} == {State.FAILED}
    assert "is another one now" in str(house.now(docs[0]).reason)
    retried = house.services.records.claims.retry(house.collection.id, [doc.id for doc in docs])
    assert len(retried) == 3
    assert len(house.ingest(*docs)) == 3


@pytest.mark.parametrize(
    "error", [OSError(5, "Input/output error"), Unavailable("blob cannot be read")]
)
def test_an_original_that_cannot_be_read_is_tried_again_and_fails_alone(
    house: House, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    docs = [house.accept(f"note {n}") for n in range(3)]
    key, get = original(docs[1].content_hash), house.services.blobs.get

    def unreadable(wanted: str) -> bytes:
        if wanted == key:
            raise error
        return get(wanted)

    monkeypatch.setattr(house.services.blobs, "get", unreadable)
    began = time.time()
    assert len(house.ingest(*docs)) == 2
    for attempt in (1, 2):
        now = house.now(docs[1])
        assert (now.state, now.attempt) == (State.QUEUED, attempt)
        assert now.not_before is not None
        assert began <= now.not_before - 2 ** (attempt - 1) <= time.time()
        began = time.time()
        house.ingest(docs[1])
    now = house.now(docs[1])
    assert now.state is State.FAILED
    assert (str(error) if isinstance(error, SamespaceError) else "OSError") in str(now.reason)


def test_what_nobody_foresaw_counts_as_an_attempt_of_each(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs = [house.accept(f"note {n}") for n in range(2)]

    def broken(*_: object) -> None:
        raise RuntimeError("never thought of")

    monkeypatch.setattr("ingest.embed.splitter_for", broken)
    for _ in range(3):
        assert {house.now(doc).state for doc in docs} == {State.QUEUED}
        assert house.ingest(*docs) == []
    assert {house.now(doc).state for doc in docs} == {State.FAILED}
    assert "never thought of" in str(house.now(docs[0]).reason)
