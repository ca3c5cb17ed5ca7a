"""The one event stream of a page: what is told, to whom, and how much is read for it."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import anyio
import pytest
from sqlalchemy import event

from samespace.api.events import watch as watches
from samespace.api.events.watch import Watch
from samespace.core.progress import Progress
from samespace.core.types import State
from tests.api.world import World, assert_problem


class Reader:
    """Somebody who follows a collection and looks when a test says so."""

    def __init__(self, world: World, name: str) -> None:
        records = world.services.records
        self.watch = Watch(records.collections.find(name), records)
        self.watch.look()
        self.first = {one.name: one.data for one in self.watch.fresh()}
        self._position = self.watch.position

    def news(self) -> dict[str, Any]:
        """What has happened since the last time, by the name of the event."""
        self.watch.look()
        events = self.watch.since(self._position) or []
        self._position = self.watch.position
        return {one.name: one.data for one in events}


def states(documents: list[Any]) -> list[str]:
    return sorted(one["state"] for one in documents)


def test_the_first_state_is_what_is_unfinished_or_failed(api: World, name: str) -> None:
    api.add(name, "a text that is ready")
    api.ingest()
    failing = api.send(name, [("broken.pdf", b"%PDF-1.7\n1 0 obj\nendobj\nnothing")]).json()[
        "job_id"
    ]
    api.ingest()
    waiting = api.add(name, "a text that waits")["job_id"]

    first = Reader(api, name).first

    assert [job["id"] for job in first["jobs"]] == [waiting]
    assert states(first["documents"]) == ["failed", "queued"]
    failed = next(one for one in first["documents"] if one["state"] == "failed")
    assert failed["job_id"] == failing
    assert failed["name"] == "broken.pdf"
    assert failed["reason"]
    assert first["collection"]["documents"]["ready"] == 1
    assert not first["collection"]["paused"]


def test_each_change_is_told_once_and_the_end_of_a_job_too(api: World, name: str) -> None:
    reader = Reader(api, name)
    job = api.add(name, "one", "two")["job_id"]
    news = reader.news()
    assert states(news["documents"]) == ["queued", "queued"]
    assert [(one["id"], one["state"]) for one in news["jobs"]] == [(job, "queued")]
    assert reader.news() == {}

    api.ingest()
    news = reader.news()
    assert states(news["documents"]) == ["ready", "ready"]
    [ended] = news["jobs"]
    assert (ended["id"], ended["state"], ended["done"]) == (job, "ready", 2)
    assert ended["finished_at"]
    assert reader.news() == {}


def test_progress_a_turn_that_is_given_back_and_a_retry_are_told(api: World, name: str) -> None:
    records = api.services.records
    reader = Reader(api, name)
    [document] = api.add(name, "a text")["documents"]
    [claimed] = records.claims.claim([document["id"]], "worker", 60)
    records.claims.progress(claimed, 3, 9)
    [told] = reader.news()["documents"]
    assert (told["state"], told["items_done"], told["items_total"]) == ("processing", 3, 9)

    records.claims.put_back([claimed])
    assert states(reader.news()["documents"]) == ["queued"]
    [claimed] = records.claims.claim([document["id"]], "worker", 60)
    records.claims.fail(claimed, "it is broken")
    news = reader.news()
    assert news["documents"][0]["reason"] == "it is broken"
    assert news["jobs"][0]["failed"][0]["reason"] == "it is broken"

    records.claims.retry(claimed.collection_id, [document["id"]])
    news = reader.news()
    assert states(news["documents"]) == ["queued"]
    assert news["jobs"][0]["finished_at"] is None


def test_a_retry_that_fails_between_two_looks_is_told(api: World, name: str) -> None:
    records = api.services.records
    reader = Reader(api, name)
    [document] = api.add(name, "a text")["documents"]
    [claimed] = records.claims.claim([document["id"]], "worker", 60)
    records.claims.fail(claimed, "it is broken")
    assert states(reader.news()["documents"]) == ["failed"]

    records.claims.retry(claimed.collection_id, [document["id"]])
    [claimed] = records.claims.claim([document["id"]], "worker", 60)
    records.claims.fail(claimed, "it is broken")
    assert states(reader.news()["documents"]) == ["failed"]
    assert reader.news() == {}


def test_jobs_of_other_kinds_are_told_and_their_end_once(api: World, name: str) -> None:
    records = api.services.records
    reader = Reader(api, name)
    job = records.jobs.create("a" * 32, reader.watch.collection.id, "classify", {})
    assert [one["kind"] for one in reader.news()["jobs"]] == ["classify"]
    records.jobs.claim(job.id, "worker", 60)
    records.jobs.progress(job.id, "worker", Progress(5, 10), 60)
    assert reader.news()["jobs"][0]["done"] == 5
    records.jobs.fail(job.id, "worker", "no more")
    [ended] = reader.news()["jobs"]
    assert (ended["state"], ended["reason"]) == ("failed", "no more")
    assert reader.news() == {}

    # One that comes and goes between two looks is told all the same.
    short = records.jobs.create("b" * 32, reader.watch.collection.id, "classify", {})
    records.jobs.cancel(short.id)
    assert [one["id"] for one in reader.news()["jobs"]] == [short.id]


def test_a_pause_and_a_deleted_document_are_told(api: World, name: str) -> None:
    reader = Reader(api, name)
    [document] = api.add(name, "a text")["documents"]
    reader.news()
    api.client.post(f"/v1/collections/{name}/pause")
    news = reader.news()
    assert news["collection"]["paused"]
    assert news["jobs"][0]["paused"]
    api.client.delete(f"/v1/collections/{name}/documents/{document['id']}")
    news = reader.news()
    assert states(news["documents"]) == ["deleting"]
    assert news["jobs"][0]["finished_at"]


def test_a_reader_that_fell_behind_is_told_everything_afresh(api: World, name: str) -> None:
    reader = Reader(api, name)
    for _ in range(watches._KEPT_EVENTS + 1):
        reader.watch._tell(watches.Event("collection", {}))
    assert reader.watch.since(0) is None
    assert reader.watch.since(reader.watch.position) == []
    assert len(reader.watch.since(reader.watch.position - 2) or []) == 2


def test_more_changes_than_are_told_are_at_least_admitted(
    api: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watches, "MOST_TOLD", 2)
    reader = Reader(api, name)
    api.add(name, "one", "two", "three", "four")
    news = reader.news()
    assert len(news["documents"]) == 2
    assert news["missed"] == {}
    assert len(reader.watch.fresh()[2].data) == 2


@pytest.mark.slow
def test_a_look_where_nothing_happens_reads_few_rows(api: World, name: str) -> None:
    api.add(name, *(f"text {number}" for number in range(300)))
    reader = Reader(api, name)
    reader.watch._looked_at += 60  # the documents came long ago
    reader.watch.look()
    reader.watch._looked_at += 60
    reader.watch._stamp = None  # something was written, elsewhere
    with noting(api) as statements:
        assert reader.news() == {}
    assert not [each for each in statements if "count(" in each.lower()]
    assert len(statements) <= 7


def test_a_look_where_nothing_was_written_reads_no_table(api: World, name: str) -> None:
    reader = Reader(api, name)
    with noting(api) as statements:
        assert reader.news() == {}
    assert statements == []  # the stamp is asked of the driver itself
    job = api.add(name, "a text that waits")["job_id"]
    assert [one["id"] for one in reader.news()["jobs"]] == [job]
    reader.watch._whole_at -= 60
    with noting(api) as statements:
        assert reader.news() == {}
    assert len(statements) > 1  # now and then it looks all the same


@contextmanager
def noting(api: World) -> Iterator[list[str]]:
    """The statements that are run within the block."""
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    engine = api.services.records.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_readers_of_a_collection_share_its_looks(api: World, name: str) -> None:
    context = api.client.app.state.context  # type: ignore[attr-defined]
    collection = api.services.records.collections.find(name)
    looks: list[float] = []

    async def follow() -> None:
        with context.watches.of(collection) as watch:
            before = watch.look

            def counted() -> None:
                looks.append(time.monotonic())
                before()

            watch.look = counted
            async with anyio.create_task_group() as readers:
                for _ in range(20):
                    readers.start_soon(watch.look_if_due)

    anyio.run(follow)
    assert len(looks) == 1
    assert context.watches._watches == {}


@pytest.fixture
def stream(api: World, name: str) -> Iterator[threading.Thread]:
    thread = threading.Thread(target=lambda: _read(api, name, thread))
    thread.start()
    yield thread
    thread.join(20)


def _read(api: World, name: str, thread: Any) -> None:
    thread.text = api.client.get(f"/v1/collections/{name}/events").text


def test_the_stream_ends_when_the_collection_is_deleted(api: World, name: str, stream: Any) -> None:
    context = api.client.app.state.context  # type: ignore[attr-defined]
    deadline = time.monotonic() + 10
    while not context.watches._watches and time.monotonic() < deadline:
        time.sleep(0.01)
    api.add(name, "a text")
    api.client.delete(f"/v1/collections/{name}")
    stream.join(20)
    assert not stream.is_alive()
    events = [
        (lines[0].removeprefix("event: "), json.loads(lines[1].removeprefix("data: ")))
        for block in stream.text.replace("\r\n", "\n").split("\n\n")
        if (lines := block.splitlines()) and lines[0].startswith("event: ")
    ]
    assert [kind for kind, _ in events[:3]] == ["collection", "jobs", "documents"]
    assert events[-1] == ("gone", {"name": name})


def test_who_comes_when_it_was_deleted_meanwhile_is_told_just_that(api: World, name: str) -> None:
    records = api.services.records
    watch = Watch(records.collections.find(name), records)
    assert api.client.delete(f"/v1/collections/{name}").status_code in (202, 204)
    watch.look()
    assert [one.name for one in watch.fresh()] == ["gone"]


def test_what_is_not_there_cannot_be_followed(api: World) -> None:
    assert_problem(api.client.get("/v1/collections/nowhere/events"), 404, "not_found")


def test_many_requests_make_one_job_where_the_sender_says_so(api: World, name: str) -> None:
    job = "0123456789abcdef" * 2
    path = f"/v1/collections/{name}/documents?job={job}"
    for text in ("one", "two"):
        assert api.client.post(path, json={"text": text}).json()["job_id"] == job
    found = api.client.get(f"/v1/jobs/{job}").json()
    assert (found["total"], found["state"]) == (2, State.QUEUED)
    other = f"/v1/collections/{api.collection()}/documents?job={job}"
    assert_problem(api.client.post(other, json={"text": "three"}), 404, "not_found")
    wrong = api.client.post(f"/v1/collections/{name}/documents?job=x", json={"text": "four"})
    assert_problem(wrong, 422, "invalid_request")


def test_documents_are_had_by_their_ids(api: World, name: str) -> None:
    ids = [each["id"] for each in api.add(name, "one", "two")["documents"]]
    path = f"/v1/collections/{name}/documents/get"
    found = api.client.post(path, json={"ids": [ids[1], "0" * 32, ids[0], ids[1]]}).json()
    assert [each["id"] for each in found["documents"]] == [ids[1], ids[0]]
    other = f"/v1/collections/{api.collection()}/documents/get"
    assert api.client.post(other, json={"ids": ids}).json() == {"documents": []}


def test_limits_are_those_that_uploads_meet(small_api: World) -> None:
    limits = small_api.client.get("/v1/limits").json()
    assert limits["max_file_bytes"] == 2000
    assert limits["max_files"] == 3
    assert "image/png" in limits["media_types"]
    sent = small_api.send(small_api.collection(), [("a.txt", b"a" * 2001)])
    assert_problem(sent, 413, "too_large")
