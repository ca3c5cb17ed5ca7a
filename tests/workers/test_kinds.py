"""What docs/extending.md says of a job kind, done: an invented one, added by its own file and one row.

It counts the documents of a collection, and goes the whole way: asked for over HTTP, followed by its events, cancelled,
taken from a worker that died, kept.
"""

import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import update

from samespace.core.errors import SamespaceError, Unavailable
from samespace.core.types import State
from samespace.services import Services
from samespace.store.records import Job
from samespace.store.records.tables import jobs
from samespace.store.sql import writing
from tests.api.conftest import api, name
from tests.api.test_jobs import events_of
from tests.api.world import Json, World, assert_problem
from tests.services import ROOT
from workers import tasks
from workers.app import QUEUES
from workers.due import submit_due
from workers.kinds import KINDS
from workers.kinds.kind import AnyKind, Due, Empty, JobRun, job_kind
from workers.process import Process, set_process
from workers.reconcile import reconcile
from workers.run_job import run_job, start_job

__all__ = ["api", "name"]


def shown_in_the_docs() -> ModuleType:
    """The file that docs/extending.md shows, run as it stands there."""
    page = (ROOT / "docs" / "extending.md").read_text()
    section = page.partition("## A job kind\n")[2].partition("\n## ")[0]
    [code] = re.findall(r"```python\n(# workers/kinds/.*?)```", section, re.DOTALL)
    module = ModuleType("workers.kinds.count")
    exec(code, module.__dict__)  # noqa: S102
    return module


COUNT: AnyKind = shown_in_the_docs().count_job


@contextmanager
def registered(kind: AnyKind) -> Iterator[None]:
    """The one line in `workers.kinds`."""
    assert isinstance(KINDS, dict)
    KINDS[kind.name] = kind
    try:
        yield
    finally:
        del KINDS[kind.name]


@pytest.fixture
def process(api: World) -> Process:
    """A worker without Celery."""
    process = Process(api.services, api.queue, owner="worker")
    set_process(process)
    return process


@pytest.fixture(autouse=True)
def _count() -> Iterator[None]:
    with registered(COUNT):
        yield


def ask(api: World, name: str, kind: str = "count", **params: Json) -> str:
    body = {"kind": kind, "params": params}
    response = api.client.post(f"/v1/collections/{name}/jobs", json=body)
    assert response.status_code == 202, response.text
    id: str = response.json()["job_id"]
    return id


def seen(api: World, id: str) -> Json:
    return api.client.get(f"/v1/jobs/{id}").json()


def now(api: World, id: str) -> Job:
    return api.services.records.jobs.get(id)


def stopping(run: JobRun) -> Empty | None:
    """Goes on until it is told to stop."""
    while run.progress(1, 3, "waiting"):
        time.sleep(0.01)
    return None


def test_the_section_fits_on_a_page() -> None:
    page = Path(ROOT / "docs" / "extending.md").read_text()
    section = page.partition("## A job kind\n")[2].partition("\n## ")[0]
    assert 20 < len(section.splitlines()) <= 60


def test_a_new_kind_goes_from_its_row_to_its_result(
    api: World, name: str, process: Process
) -> None:
    api.add(name, "One.", "Two.", "Three.")
    id = ask(api, name, starting_with="T")
    assert ("run_job", id) in api.messages()
    assert (seen(api, id)["kind"], seen(api, id)["state"]) == ("count", "queued")
    tasks.run_job(id)
    assert (seen(api, id)["state"], seen(api, id)["done"], seen(api, id)["total"]) == (
        "ready",
        3,
        3,
    )
    assert seen(api, id)["result"] == {"documents": 2}
    assert seen(api, id)["stage"] is None
    listed = api.client.get("/v1/jobs", params={"collection": name}).json()["jobs"]
    assert listed[0]["id"] == id
    tasks.run_job(id)  # a message that comes twice
    assert now(api, id).attempt == 1


def test_its_parameters_are_checked_and_so_is_the_kind(api: World, name: str) -> None:
    url = f"/v1/collections/{name}/jobs"
    wrong = api.client.post(url, json={"kind": "count", "params": {"starts": 1}})
    problem = assert_problem(wrong, 422, "invalid_request")
    assert problem["errors"][0]["name"] == "starts"
    for kind in ("dance", "verify", "ingest"):
        problem = assert_problem(api.client.post(url, json={"kind": kind}), 422, "invalid_request")
        assert problem["detail"] == (
            f"kind is {kind!r}; it has to be one of classify, compare, map, count"
        )
    bad = {"kind": "classify", "params": {"labels": ["a", "A"]}}
    assert_problem(api.client.post(url, json=bad), 422, "invalid_request")


def test_its_events_tell_each_step_and_its_end(api: World, name: str, process: Process) -> None:
    told: list[Json] = []

    @job_kind("steps", params=Empty, result=Empty)
    def steps(_: Empty, run: JobRun) -> Empty | None:
        for done in (1, 2):
            run.progress(done, 2, f"step {done}")
            while not any(one["done"] == done for one in told):
                time.sleep(0.01)
        return Empty()

    with registered(steps):
        id = ask(api, name, "steps")
        worker = threading.Timer(0.2, lambda: run_job(now(api, id), process))
        worker.start()
        with api.client.stream("GET", f"/v1/jobs/{id}/events") as response:
            for event, job in events_of(response.iter_lines()):
                told.append(job | {"event": event})
        worker.join()
    stages = [(one["event"], one["state"], one["done"], one["stage"]) for one in told]
    assert stages[-3:] == [
        ("progress", "processing", 1, "step 1"),
        ("progress", "processing", 2, "step 2"),
        ("done", "ready", 2, None),
    ]


def test_it_is_cancelled_while_it_works(api: World, name: str, process: Process) -> None:
    @job_kind("endless", params=Empty, result=Empty)
    def endless(_: Empty, run: JobRun) -> Empty | None:
        return stopping(run)

    with registered(endless):
        id = ask(api, name, "endless")
        worker = threading.Thread(target=run_job, args=[now(api, id), process])
        worker.start()
        _until(lambda: seen(api, id)["stage"] == "waiting")
        assert api.client.post(f"/v1/jobs/{id}/cancel").json() == {"cancelled": [id]}
        worker.join(30)
        assert not worker.is_alive()
        assert seen(api, id)["state"] == "cancelled"
        assert process.jobs() == []
        assert api.client.post(f"/v1/jobs/{id}/retry").json() == {"retried": [id]}


def _until(condition: object, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    assert callable(condition)
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_it_goes_on_after_its_worker_died(api: World, name: str, process: Process) -> None:
    api.add(name, "One.")
    id = ask(api, name)
    api.services.records.jobs.claim(id, "a worker that was killed", -1.0)
    api.queue.redis.delete(*QUEUES)
    reconcile(process)
    assert ("run_job", id) in api.messages()
    tasks.run_job(id)
    assert (now(api, id).state, now(api, id).attempt) == (State.READY, 2)


def test_a_worker_that_is_to_stop_puts_it_back(api: World, name: str, process: Process) -> None:
    @job_kind("endless", params=Empty, result=Empty)
    def endless(_: Empty, run: JobRun) -> Empty | None:
        process.stopping.set()
        return stopping(run)

    with registered(endless):
        id = ask(api, name, "endless")
        start_job(id, process)
        assert (now(api, id).state, now(api, id).attempt) == (State.QUEUED, 0)


def test_what_is_wrong_with_it_is_said_and_what_is_not_is_tried_again(
    api: World, name: str, process: Process
) -> None:
    faults: list[Exception] = [SamespaceError("the moon is not full")]

    @job_kind("broken", params=Empty, result=Empty)
    def broken(_: Empty, run: JobRun) -> Empty | None:
        raise faults[-1]

    with registered(broken):
        id = ask(api, name, "broken")
        start_job(id, process)
        assert (now(api, id).state, now(api, id).reason) == (State.FAILED, "the moon is not full")
        faults.append(Unavailable("the index does not answer"))
        assert _after_all_attempts(api, name, process) == "the index does not answer"
        faults.append(ValueError("x"))
        reason = "it went wrong each time; the log of its worker says how"
        assert _after_all_attempts(api, name, process) == reason


def _after_all_attempts(api: World, name: str, process: Process) -> str | None:
    """Why a job failed that was begun again until that was enough."""
    id, most = ask(api, name, "broken"), process.services.settings.max_attempts
    for _ in range(most):
        assert now(api, id).state is State.QUEUED
        start_job(id, process)
        _lapse(api, id)
        api.services.records.jobs.lapse(most)
    assert now(api, id).state is State.FAILED
    return now(api, id).reason


def _lapse(api: World, id: str) -> None:
    """As if the lease had run out."""
    with writing(api.services.records.engine) as connection:
        connection.execute(update(jobs).where(jobs.c.id == id).values(lease_until=1.0))


def test_one_that_ends_without_a_result_has_failed(api: World, name: str, process: Process) -> None:
    @job_kind("empty", params=Empty, result=Empty)
    def empty(_: Empty, run: JobRun) -> Empty | None:
        return None

    with registered(empty):
        id = ask(api, name, "empty")
        start_job(id, process)
    assert now(api, id).reason == "the empty job ended without a result"


def test_one_that_may_pause_waits_for_its_collection(
    api: World, name: str, process: Process
) -> None:
    @job_kind("patient", params=Empty, result=Empty, can_pause=True)
    def patient(_: Empty, run: JobRun) -> Empty | None:
        return Empty()

    with registered(patient):
        api.client.post(f"/v1/collections/{name}/pause")
        id = ask(api, name, "patient")
        start_job(id, process)
        assert (seen(api, id)["state"], seen(api, id)["paused"]) == ("queued", True)
        api.client.post(f"/v1/collections/{name}/resume")
        start_job(id, process)
        assert (seen(api, id)["state"], seen(api, id)["paused"]) == ("ready", False)


def test_one_that_nobody_asks_for_is_done_when_it_is_due_and_is_not_cancelled(
    api: World, process: Process
) -> None:
    owed = [Due()]

    def due(_: Services) -> Sequence[Due]:
        return owed

    @job_kind(
        "chore", params=Empty, result=Empty, scope=None, is_once=True, can_cancel=False, due=due
    )
    def chore(_: Empty, run: JobRun) -> Empty | None:
        owed.clear()
        return Empty()

    with registered(chore):
        submit_due(process)
        submit_due(process)
        [job] = [one for one in api.client.get("/v1/jobs").json()["jobs"] if one["kind"] == "chore"]
        assert (job["collection"], job["state"]) == (None, "queued")
        refused = api.client.post(f"/v1/jobs/{job['id']}/cancel")
        assert_problem(refused, 409, "conflict")
        start_job(job["id"], process)
        submit_due(process)
        assert api.services.records.jobs.last("chore", None) == now(api, job["id"])
        assert seen(api, job["id"])["state"] == "ready"


def test_a_job_of_a_kind_of_another_release_fails_with_that_reason(
    api: World, name: str, process: Process
) -> None:
    collection = api.services.records.collections.find(name)
    api.services.records.jobs.create("f" * 32, collection.id, "future", {})
    start_job("f" * 32, process)
    assert now(api, "f" * 32).reason == "this release knows no jobs of kind 'future'"
    old = api.services.records.jobs.create("e" * 32, collection.id, "classify", {"labels": 3})
    start_job(old.id, process)
    assert now(api, old.id).reason == "this release does not take what this classify job was given"


def test_messages_of_the_release_before_are_understood(
    api: World, name: str, process: Process
) -> None:
    api.add(name, "One.", "Two.")
    api.ingest()
    collection = api.services.records.collections.find(name)
    api.services.records.jobs.create("a" * 32, collection.id, "map", {})
    params = {"labels": ["one", {"name": "two", "prompts": ["two things"]}], "best": 1}
    api.services.records.jobs.create("b" * 32, collection.id, "classify", params)
    tasks.map_collection("a" * 32)
    tasks.classify_collection("b" * 32)
    assert now(api, "a" * 32).result == {"points": 2}
    assert seen(api, "b" * 32)["result"]["total"] == 2
    assert seen(api, "b" * 32)["result"]["complete"]


def test_what_a_kept_result_shows_goes_with_its_document(
    api: World, name: str, process: Process
) -> None:
    [gone, _] = api.add(name, "The secret recipe.", "Two.")["documents"]
    api.ingest()
    id = ask(api, name, "classify", labels=["food", "music"], threshold=0, best=5)
    start_job(id, process)
    assert "secret recipe" in str(now(api, id).result)
    _age(api, id)
    reconcile(process)  # a day later it is still there: it is the last one
    assert "secret recipe" in str(now(api, id).result)
    api.services.records.documents.mark_deleted(
        api.services.records.collections.find(name).id, [gone["id"]]
    )
    _age(api, id)
    reconcile(process)
    assert "secret recipe" not in str(now(api, id).result)
    assert "Two." in str(now(api, id).result)


def _age(api: World, id: str) -> None:
    """As if it had ended, and been looked through, long ago; and nobody else held the reconciler's lease."""
    with writing(api.services.records.engine) as connection:
        connection.execute(
            update(jobs).where(jobs.c.id == id).values(finished_at=1.0, checked_at=1.0)
        )
