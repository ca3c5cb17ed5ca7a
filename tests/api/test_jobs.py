"""Jobs over HTTP, and their events."""

import json
import threading
from collections.abc import Iterator

from tests.api.world import Json, World, assert_problem


def events_of(lines: Iterator[str]) -> Iterator[tuple[str, Json]]:
    name = ""
    for line in lines:
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)


def test_jobs_are_found_and_listed(api: World, name: str) -> None:
    first = api.add(name, "One.", "Two.")["job_id"]
    second = api.add(name, "Three.")["job_id"]
    job = api.client.get(f"/v1/jobs/{first}").json()
    assert (job["state"], job["done"], job["total"]) == ("queued", 0, 2)
    assert job["documents"]["queued"] == 2
    assert job["finished_at"] is None
    api.ingest()
    job = api.client.get(f"/v1/jobs/{first}").json()
    assert (job["state"], job["done"], job["items_done"]) == ("ready", 2, 2)
    assert job["items_per_second"] > 0
    assert job["finished_at"] is not None
    listed = api.client.get("/v1/jobs", params={"collection": name}).json()["jobs"]
    assert [one["id"] for one in listed] == [second, first]
    assert job["id"] in {one["id"] for one in api.client.get("/v1/jobs").json()["jobs"]}
    assert_problem(api.client.get("/v1/jobs/none"), 404, "not_found")
    assert_problem(api.client.get("/v1/jobs", params={"collection": "nowhere"}), 404, "not_found")


def test_events_end_when_the_job_does(api: World, name: str) -> None:
    answer = api.add(name, "One.", "Two.")
    worker = threading.Timer(0.6, api.ingest)
    worker.start()
    with api.client.stream("GET", f"/v1/jobs/{answer['job_id']}/events") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        events = list(events_of(response.iter_lines()))
    worker.join()
    assert events[0][0] == "progress"
    assert events[0][1]["state"] == "queued"
    assert [name for name, _ in events].count("done") == 1
    assert events[-1][0] == "done"
    assert (events[-1][1]["state"], events[-1][1]["done"]) == ("ready", 2)


def test_events_of_a_document_end_with_its_deletion(api: World, name: str) -> None:
    [document] = api.add(name, "Away.")["documents"]
    url = f"/v1/collections/{name}/documents/{document['id']}"
    worker = threading.Timer(
        0.6, lambda: api.services.records.documents.mark_deleted(_id(api, name))
    )
    worker.start()
    with api.client.stream("GET", f"{url}/events") as response:
        events = list(events_of(response.iter_lines()))
    worker.join()
    assert [name for name, _ in events] == ["progress", "done"]
    assert events[-1][1]["state"] == "deleting"
    assert_problem(api.client.get(f"{url}/events"), 404, "not_found")
    assert_problem(api.client.get("/v1/jobs/none/events"), 404, "not_found")


def test_jobs_go_with_their_collection(api: World, name: str) -> None:
    job = api.add(name, "One.")["job_id"]
    api.client.delete(f"/v1/collections/{name}")
    assert_problem(api.client.get(f"/v1/jobs/{job}"), 404, "not_found")
    assert job not in {one["id"] for one in api.client.get("/v1/jobs").json()["jobs"]}


def _id(api: World, name: str) -> str:
    return api.services.records.collections.find(name).id
