"""What has to be done though nobody asked for it: a verify after an unclean stop, rows of an older release."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import update

from samespace.core.marks import Marks
from samespace.core.types import State
from samespace.store.records import Job
from samespace.store.records.tables import indexes, jobs
from samespace.store.rows import ROWS_VERSION
from samespace.store.sql import writing
from tests.api.conftest import api, name
from tests.api.world import World
from workers.due import submit_due
from workers.process import Process
from workers.run_job import run_job, start_job

__all__ = ["api", "name"]


@pytest.fixture
def process(api: World) -> Process:
    """A worker without Celery."""
    return Process(api.services, api.queue, owner="worker")


def last(api: World, kind: str, collection_id: str | None = None) -> Job:
    job = api.services.records.jobs.last(kind, collection_id)
    assert job is not None
    return job


def test_a_verify_that_is_owed_is_one_job_and_settles_the_mark(
    api: World, name: str, process: Process
) -> None:
    ids = [one["id"] for one in api.add(name, "One.", "Two.", "Three.")["documents"]]
    api.ingest()
    [space] = api.services.records.collections.find(name).spaces
    api.services.index.delete(space.index_name, ids[:2])
    marks = Marks(Path(api.services.settings.data))
    marks.owe_verify()
    submit_due(process)
    submit_due(process)
    job = last(api, "verify")
    assert ("run_job", job.id) in api.messages()
    assert (job.collection_id, job.state) == (None, State.QUEUED)
    run_job(job, process)
    submit_due(process)
    assert marks.owed() is None
    assert last(api, "verify").id == job.id
    shown = api.client.get(f"/v1/jobs/{job.id}").json()
    assert (shown["state"], shown["collection"]) == ("ready", None)
    assert shown["result"]["rewritten"] == 2
    [missing] = [one for one in shown["result"]["differences"] if one["collection"] == name]
    assert (missing["kind"], missing["found"], missing["repaired"]) == ("missing-item", 2, 2)


def test_a_verify_that_is_stopped_is_still_owed(api: World, process: Process) -> None:
    marks = Marks(Path(api.services.settings.data))
    marks.owe_verify()
    submit_due(process)
    process.stopping.set()
    run_job(last(api, "verify"), process)
    submit_due(process)
    assert last(api, "verify").state is State.QUEUED
    assert marks.owed() is not None
    marks.verified(str(marks.owed()))


def test_rows_of_an_older_release_are_a_job_of_their_collection(
    api: World, name: str, process: Process
) -> None:
    api.add(name, "One.", "Two.")
    api.ingest()
    id = api.services.records.collections.find(name).id
    with writing(api.services.records.engine) as connection:
        behind = update(indexes).where(indexes.c.collection_id == id)
        connection.execute(behind.values(rows_version=ROWS_VERSION - 1))
    submit_due(process)
    run_job(last(api, "rows", id), process)
    assert (last(api, "rows", id).state, last(api, "rows", id).done) == (State.READY, 2)
    assert last(api, "rows", id).result == {"rows_version": ROWS_VERSION}
    assert api.services.records.collections.get(id).rows_version == ROWS_VERSION


def test_what_failed_is_due_again_after_a_while(api: World, name: str, process: Process) -> None:
    id = api.services.records.collections.find(name).id
    with writing(api.services.records.engine) as connection:
        behind = update(indexes).where(indexes.c.collection_id == id)
        connection.execute(behind.values(rows_version=ROWS_VERSION - 1))
    submit_due(process)
    failed = last(api, "rows", id)
    api.services.records.jobs.claim(failed.id, "worker", 60)
    api.services.records.jobs.fail(failed.id, "worker", "the index is gone")
    submit_due(process)
    assert last(api, "rows", id).id == failed.id
    with writing(api.services.records.engine) as connection:
        connection.execute(update(jobs).where(jobs.c.id == failed.id).values(finished_at=1.0))
    submit_due(process)
    assert last(api, "rows", id).id != failed.id
    run_job(last(api, "rows", id), process)


def test_what_takes_long_is_done_beside_the_tasks_one_at_a_time(
    api: World, name: str, process: Process
) -> None:
    ids = [api.services.records.collections.find(each).id for each in (name, api.collection())]
    first, second = (
        api.services.records.jobs.create(letter * 32, id, "rows", {})
        for letter, id in zip("cd", ids, strict=True)
    )
    process.beside.acquire()
    start_job(first.id, process)  # the thread is at another one
    assert last(api, "rows", ids[0]).state is State.QUEUED
    process.beside.release()
    start_job(second.id, process)
    for thread in threading.enumerate():
        if thread.name == "beside":
            thread.join(60)
    assert {last(api, "rows", id).state for id in ids} == {State.READY}
    assert process.beside.acquire(blocking=False)
