"""The map as a job: made, called off, taken from a worker that died, failed and tried again."""

from typing import Any

import pytest

from samespace.core.errors import SamespaceError
from samespace.core.types import State
from samespace.store.records import Job
from tests.api.conftest import api, name
from tests.api.world import World
from workers.app import QUEUES
from workers.process import Process
from workers.reconcile import reconcile
from workers.run_job import start_job

__all__ = ["api", "name"]


@pytest.fixture
def process(api: World) -> Process:
    """A worker without Celery."""
    return Process(api.services, api.queue, owner="worker")


@pytest.fixture
def job(api: World, name: str) -> str:
    """A map that was asked for, of a collection with two items."""
    api.add(name, "One.", "Two.")
    api.ingest()
    id: str = api.client.post(f"/v1/collections/{name}/map/jobs").json()["job_id"]
    return id


def now(api: World, id: str) -> Job:
    return api.services.records.jobs.get(id)


def test_a_map_job_ends_with_a_map(api: World, name: str, process: Process, job: str) -> None:
    start_job(job, process)
    assert (now(api, job).state, now(api, job).result) == (State.READY, {"points": 2})
    assert now(api, job).total == 2
    assert api.client.get(f"/v1/collections/{name}/map").status_code == 200
    assert api.client.get(f"/v1/jobs/{job}").json()["result"] == {"points": 2}
    start_job(job, process)  # a message that comes twice


def test_a_map_outlives_its_worker(api: World, process: Process, job: str) -> None:
    api.services.records.jobs.claim(job, "a worker that was killed", -1.0)
    api.queue.redis.delete(*QUEUES)
    reconcile(process)
    assert ("run_job", job) in api.messages()
    start_job(job, process)
    assert (now(api, job).state, now(api, job).attempt) == (State.READY, 2)


def test_one_that_is_called_off_keeps_nothing(
    api: World, name: str, process: Process, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cancelled_meanwhile(*arguments: Any) -> bool:
        api.services.records.jobs.cancel(job)
        return original(*arguments)

    original = api.services.records.jobs.progress
    monkeypatch.setattr(api.services.records.jobs, "progress", cancelled_meanwhile)
    start_job(job, process)
    assert now(api, job).state is State.CANCELLED
    assert api.client.get(f"/v1/collections/{name}/map").status_code == 404


def test_one_that_failed_says_why_and_is_tried_again(
    api: World, process: Process, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise SamespaceError("the process that lays out the map ended")

    with monkeypatch.context() as patch:
        patch.setattr("search.map.LayoutProcess", dies)
        start_job(job, process)
    assert (now(api, job).state, now(api, job).reason) == (
        State.FAILED,
        "the process that lays out the map ended",
    )
    api.client.post(f"/v1/jobs/{job}/retry")
    start_job(job, process)
    assert now(api, job).state is State.READY
