"""The map over HTTP: made by a job, sent as a binary, of its own tenant alone."""

import json
from typing import Any

import httpx
import numpy as np

from samespace.client.answers import read_map
from samespace.client.wire import Map
from samespace.core.types import State
from search.map import make_map
from tests.api.world import World, assert_problem, png


def make(api: World, name: str) -> None:
    """What a worker would do."""
    services = api.services
    made = make_map(
        collection=services.records.collections.find(name),
        records=services.records,
        index=services.index,
        cache=services.settings.data / "cache",
    )
    assert made


def shown(response: Any) -> Map:
    """The map of a response, as the client reads it."""
    return read_map(httpx.Response(200, content=response.content))


def fill(api: World, name: str) -> None:
    api.add(name, "The orchestra played.", "Dogs and cats.", "Whisk the eggs.")
    api.send(name, [("red.png", png())])
    api.ingest()


def test_a_map_is_asked_for_once_and_made_by_a_worker(api: World, name: str) -> None:
    url = f"/v1/collections/{name}/map"
    problem = assert_problem(api.client.get(url), 404, "not_found")
    assert f"samespace map {name}" in problem["detail"]
    first, again = (api.client.post(f"{url}/jobs") for _ in range(2))
    assert (first.status_code, first.json()) == (202, again.json())
    job = first.json()["job_id"]
    assert ("run_job", job) in api.messages()
    api.services.records.jobs.cancel(job)
    assert api.client.post(f"{url}/jobs").json()["job_id"] != job
    assert api.client.get(f"/v1/jobs/{job}").json()["kind"] == "map"
    assert api.client.post(f"/v1/jobs/{job}/retry").json() == {"retried": [job]}
    assert api.services.records.jobs.get(job).state is State.QUEUED


def test_the_map_is_one_binary_of_columns(api: World, name: str) -> None:
    fill(api, name)
    make(api, name)
    response = api.client.get(f"/v1/collections/{name}/map")
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["cache-control"] == "private, no-cache"
    length = int.from_bytes(response.content[:4], "little")
    header = json.loads(response.content[4 : 4 + length])
    assert (header["count"], header["total"], header["fresh"]) == (4, 4, True)
    assert (4 + length) % 8 == 0
    assert len(response.content) == 4 + length + 4 * (4 + 4 + 16 + 16 + 1)
    x = np.frombuffer(response.content, "<f4", 4, 4 + length)
    assert 0 <= x.min() < x.max() <= 1
    points = shown(response)["points"]
    assert [point["x"] for point in points] == x.tolist()
    assert sorted(point["modality"] for point in points) == ["image", "text", "text", "text"]

    ids = [point["item"] for point in points]
    asked = {"ids": ["nothing", *ids]}
    items = api.client.post(f"/v1/collections/{name}/items/get", json=asked).json()["items"]
    assert [item["id"] for item in items] == ids
    assert [item["document_id"] for item in items] == [point["document"] for point in points]
    [picture] = [item for item in items if item["modality"] == "image"]
    document = api.client.get(f"/v1/collections/{name}/documents/{picture['document_id']}").json()
    assert picture["content_hash"] == document["content_hash"]
    assert (picture["document_name"], picture["text"]) == ("red.png", None)
    assert "Dogs and cats." in {item["text"] for item in items}
    many = {"ids": ["x"] * 201}
    assert_problem(
        api.client.post(f"/v1/collections/{name}/items/get", json=many), 422, "invalid_request"
    )


def test_it_is_sent_again_only_when_something_changed(api: World, name: str) -> None:
    fill(api, name)
    make(api, name)
    url = f"/v1/collections/{name}"
    first = api.client.get(f"{url}/map")
    known = {"if-none-match": first.headers["etag"]}
    assert api.client.get(f"{url}/map", headers=known).status_code == 304
    gone = shown(first)["points"][0]
    api.client.delete(f"{url}/documents/{gone['document']}")
    second = api.client.get(f"{url}/map", headers=known)
    assert second.status_code == 200
    left = shown(second)
    assert (left["count"], left["total"], left["fresh"]) == (3, 3, False)
    assert gone["item"] not in {point["item"] for point in left["points"]}
    found = api.client.post(f"{url}/items/get", json={"ids": [gone["item"]]})
    assert found.json() == {"items": []}


def test_a_rectangle_is_a_filter(api: World, name: str) -> None:
    fill(api, name)
    url = f"/v1/collections/{name}"
    asked = {"query": "an animal", "filter": {"$area": [0, 0, 1, 1]}}
    problem = assert_problem(api.client.post(f"{url}/search", json=asked), 422, "invalid_request")
    assert "/map/jobs" in problem["detail"]
    make(api, name)
    [point, *others] = shown(api.client.get(f"{url}/map"))["points"]
    spot = [point["x"], point["y"], point["x"], point["y"]]
    for where, wanted in (
        ({"$area": spot}, [point]),
        ({"not": {"$area": spot}}, others),
        ({"$area": spot, "$modality": point["modality"]}, [point]),
    ):
        hits = api.client.post(f"{url}/search", json={**asked, "filter": where}).json()["hits"]
        assert {hit["id"] for hit in hits} == {each["item"] for each in wanted}
