"""Called off, taken up again, paused, resumed: each over HTTP, each twice."""

import json
import threading
from typing import Any

from samespace.core.progress import Progress
from tests.api.world import Json, World, assert_problem


def post(api: World, path: str, body: Json = None) -> Json:
    response = api.client.post(f"/v1/{path}", json=body)
    assert response.is_success, response.text
    return response.json()


def get(api: World, path: str) -> Json:
    return api.client.get(f"/v1/{path}").json()


def ids_of(answer: Json) -> list[str]:
    return [each["id"] for each in answer["documents"]]


def test_documents_are_cancelled_at_once_and_once(api: World, name: str) -> None:
    one, two = ids_of(answer := api.add(name, "One.", "Two."))
    path = f"collections/{name}/documents"
    assert post(api, f"{path}/cancel", {"ids": [one, "other"]}) == {"cancelled": [one]}
    assert post(api, f"{path}/cancel", {"ids": [one]}) == {"cancelled": []}
    assert get(api, f"{path}/{one}")["state"] == "cancelled"
    assert [doc.id for doc in api.ingest()] == [two]
    assert post(api, f"{path}/cancel", {"ids": [two]}) == {"cancelled": []}
    job = get(api, f"jobs/{answer['job_id']}")
    assert (job["state"], job["done"]) == ("ready", 2)
    assert (job["documents"]["ready"], job["documents"]["cancelled"]) == (1, 1)

    assert post(api, f"{path}/retry", {"ids": [one, two]}) == {"retried": [one]}
    assert get(api, f"{path}/{one}")["job_id"] == answer["job_id"]
    assert [doc.id for doc in api.ingest()] == [one]


def test_jobs_are_cancelled_and_taken_up_again(api: World, name: str) -> None:
    answer = api.add(name, "One.", "Two.", "Three.")
    elsewhere = api.add(name, "Four.")
    job = f"jobs/{answer['job_id']}"
    api.services.records.claims.claim(ids_of(answer)[:1], "worker", 60)

    assert sorted(post(api, f"{job}/cancel")["cancelled"]) == sorted(ids_of(answer))
    assert post(api, f"{job}/cancel") == {"cancelled": []}
    assert (seen := get(api, job))["state"] == "cancelled"
    assert seen["finished_at"] is not None
    assert get(api, f"jobs/{elsewhere['job_id']}")["state"] == "queued"

    assert len(post(api, f"{job}/retry")["retried"]) == 3
    assert post(api, f"{job}/retry") == {"retried": []}
    assert api.messages().count(("ingest_documents", None)) == 3
    api.ingest()
    assert get(api, job)["state"] == "ready"
    assert post(api, f"{job}/cancel") == {"cancelled": []}
    for verb in ("cancel", "retry"):
        assert_problem(api.client.post(f"/v1/jobs/none/{verb}"), 404, "not_found")


def test_a_classification_is_cancelled_and_taken_up_again(api: World, name: str) -> None:
    body = {"labels": ["cat", "dog"]}
    id = post(api, f"collections/{name}/classify/jobs", body)["job_id"]
    jobs = api.services.records.jobs
    assert jobs.claim(id, "worker", 60)
    assert post(api, f"jobs/{id}/cancel") == {"cancelled": [id]}
    assert post(api, f"jobs/{id}/cancel") == {"cancelled": []}
    assert not jobs.progress(id, "worker", Progress(1, 2), 60)  # how its worker hears of it
    assert not jobs.finish(id, "worker", {})
    assert get(api, f"jobs/{id}")["state"] == "cancelled"

    assert post(api, f"jobs/{id}/retry") == {"retried": [id]}
    assert post(api, f"jobs/{id}/retry") == {"retried": []}
    assert api.messages().count(("run_job", id)) == 2
    assert jobs.claim(id, "worker", 60)


def test_a_paused_collection_takes_in_and_waits(api: World, name: str) -> None:
    before = api.add(name, "One.")
    assert post(api, f"collections/{name}/pause") == {"paused": True, "changed": True}
    assert post(api, f"collections/{name}/pause") == {"paused": True, "changed": False}
    after = api.add(name, "Two.")
    assert get(api, f"collections/{name}")["paused"]
    for answer in (before, after):
        job = get(api, f"jobs/{answer['job_id']}")
        assert (job["paused"], job["state"]) == (True, "queued")
    claimed = api.services.records.claims.claim_next("worker", 60, 100)
    assert not {doc.id for doc in claimed} & {*ids_of(before), *ids_of(after)}
    api.services.records.claims.put_back(claimed)

    told = len(api.messages())
    assert post(api, f"collections/{name}/resume") == {"paused": False, "changed": True}
    assert post(api, f"collections/{name}/resume") == {"paused": False, "changed": False}
    assert len(api.messages()) == told + 1
    api.ingest()
    assert not get(api, f"jobs/{before['job_id']}")["paused"]
    assert not get(api, f"collections/{name}")["paused"]
    assert_problem(api.client.post("/v1/collections/nowhere/pause"), 404, "not_found")


def test_the_events_of_a_job_end_with_its_cancellation(api: World, name: str) -> None:
    job = api.add(name, "One.", "Two.")["job_id"]
    timer = threading.Timer(0.6, lambda: api.services.records.claims.cancel_job(job))
    timer.start()
    with api.client.stream("GET", f"/v1/jobs/{job}/events") as response:
        lines = [line for line in response.iter_lines() if line.startswith(("event:", "data:"))]
    timer.join()
    last: Any = json.loads(lines[-1].partition(":")[2])
    assert lines[-2] == "event: done"
    assert last["state"] == "cancelled"
