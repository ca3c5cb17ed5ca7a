"""What a message sets off, in this process: a claim, a rest, a turn that the records lost, and what is owed."""

import time

import pytest
from sqlalchemy import update

from samespace.core.errors import Unavailable
from samespace.core.marks import Marks
from samespace.core.types import State
from samespace.store.records import Collection, Document
from samespace.store.records.tables import collections, documents
from samespace.store.sql import writing
from tests.api.conftest import api, name
from tests.api.world import World
from workers import background, tasks, work
from workers.app import BULK, QUEUES
from workers.background import Reconciler
from workers.lost_index import make_lost_index
from workers.process import Process, set_process
from workers.reconcile import reconcile

__all__ = ["api", "name"]


@pytest.fixture
def process(api: World) -> Process:
    """A worker without Celery; the queue is empty, and nothing waits from the test before."""
    api.queue.redis.delete(*QUEUES)
    for collection in api.services.records.collections.all():
        waiting = api.services.records.documents.page(collection.id, limit=1000)
        api.services.records.claims.cancel(collection.id, [doc.id for doc in waiting])
    process = Process(api.services, api.queue, owner="worker")
    set_process(process)
    return process


def states(api: World, name: str) -> list[str]:
    found = api.services.records.documents.page(_collection(api, name).id)
    return [str(doc.state) for doc in found]


def _collection(api: World, name: str) -> Collection:
    return api.services.records.collections.find(name)


def test_a_message_is_one_claim_and_the_one_too_many_is_harmless(
    api: World, name: str, process: Process
) -> None:
    api.add(name, *(f"Note {n}." for n in range(17)))
    assert api.messages() == [("ingest_documents", None)] * 2
    tasks.ingest_documents(["of", "the", "first", "release"])
    assert states(api, name).count("ready") == 17  # small texts, of which a claim takes 256
    work.ingest(process)
    assert process.held() == []


def test_whoever_ends_a_claim_sends_for_the_next_where_messages_have_run_out(
    api: World, name: str, process: Process
) -> None:
    api.add(name, *(f"Note {n}. " + "Words. " * 700 for n in range(33)))  # too long for one claim
    assert api.messages() == [("ingest_documents", None)] * 3
    api.queue.redis.delete(*QUEUES)
    left = []
    for _ in range(3):
        work.ingest(process)
        left.append(len(api.messages()))
        api.queue.redis.delete(*QUEUES)
    assert left == [1, 1, 0]
    assert states(api, name).count("ready") == 33


def test_the_queue_is_told_of_an_upload_in_a_bounded_number_of_messages(
    api: World,
    process: Process,  # the queue is empty
) -> None:
    assert api.queue.ingest(100_000)
    assert len(api.messages()) == 64


def test_while_the_index_does_not_answer_the_collection_rests(
    api: World, name: str, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.add(name, "One.", "Two.")

    def down(*_: object) -> None:
        raise Unavailable("the index does not answer")

    with monkeypatch.context() as broken:
        broken.setattr(api.services.index, "upsert", down)
        work.ingest(process)
    assert states(api, name) == ["queued"] * 2
    found = api.services.records.documents.page(_collection(api, name).id)
    assert {doc.attempt for doc in found} == {0}
    assert _collection(api, name).rests == 1
    work.ingest(process)
    assert states(api, name) == ["queued"] * 2  # it rests

    _forward(api)
    work.ingest(process)
    assert states(api, name) == ["ready"] * 2
    assert _collection(api, name).rests == 0


def _forward(api: World) -> None:
    """As if a minute had passed."""
    with writing(api.services.records.engine) as connection:
        connection.execute(update(collections).values(rest_until=time.time() - 1))
        waits = documents.c.state == State.QUEUED
        then = time.time() - 60
        connection.execute(
            update(documents).where(waits).values(not_before=then, submitted_at=then)
        )


def test_what_could_not_be_put_back_comes_back_with_its_lease(
    api: World, name: str, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.add(name, "One.")
    claims = api.services.records.claims

    def gone(*_: object, **__: object) -> list[Document]:
        raise Unavailable("the database does not answer")

    with monkeypatch.context() as broken:
        broken.setattr(type(claims), "ready", gone)
        broken.setattr(type(claims), "put_back", gone)
        work.ingest(process)
    assert states(api, name) == ["processing"]
    assert process.held() == []  # so its lease is not kept
    with writing(api.services.records.engine) as connection:
        connection.execute(update(documents).values(lease_until=0))
    reconcile(process)
    assert states(api, name) == ["queued"]


def test_the_reconciler_sends_what_the_queue_lacks(api: World, name: str, process: Process) -> None:
    api.add(name, *(f"Note {n}." for n in range(40)))
    _forward(api)
    assert _told(api, process) == 3
    api.queue.redis.delete(*QUEUES)
    assert _told(api, process) == 3
    assert _told(api, process) == 3  # not again while they are there
    api.services.records.collections.pause(_collection(api, name).id)
    api.queue.redis.delete(*QUEUES)
    assert _told(api, process) == 0


def test_the_reconciler_looks_only_where_something_is_unfinished(
    api: World, name: str, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str] = []
    idle = True

    def is_idle(_: object) -> bool:
        looks.append("idle")
        return idle

    monkeypatch.setattr(background, "reconcile", lambda _: looks.append("whole"))
    monkeypatch.setattr(type(api.services.records), "is_idle", is_idle)
    look = Reconciler(process)
    look()
    assert looks == ["whole"]  # whoever begins knows nothing
    look()
    assert looks == ["whole", "idle"]
    idle = False
    look()
    assert looks == ["whole", "idle", "idle", "whole"]
    idle = True
    monkeypatch.setattr(background, "_WHOLE_SECONDS", 0.0)
    look()
    assert looks == ["whole", "idle", "idle", "whole", "whole"]  # to prune


def _told(api: World, process: Process) -> int:
    reconcile(process)
    return api.queue.length(BULK)


def test_a_process_keeps_the_leases_of_what_it_works_on(process: Process) -> None:
    with process.holding(["a", "b"]):
        with process.holding(["c"]):
            assert process.held() == ["a", "b", "c"]
        assert process.held() == ["a", "b"]
    assert process.held() == []


def test_a_lost_index_is_made_and_nobody_waits_for_the_next(
    api: World, name: str, process: Process
) -> None:
    api.add(name, "One.")
    (space,) = _collection(api, name).spaces
    marks = Marks(api.services.settings.data)
    marks.owe_verify()
    try:
        api.services.index.drop(space.index_name)
        make_lost_index(process)
    finally:
        marks.verified(str(marks.owed()))
    assert api.services.index.exists(space.index_name)
    assert api.services.records.workers.hold("index", "another", 0)
