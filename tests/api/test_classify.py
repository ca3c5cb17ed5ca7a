"""Zero-shot classification over HTTP."""

import base64

import pytest

from samespace.core.progress import Progress
from tests.api.world import World, assert_problem, png

LABELS = ["cooking", "music", {"name": "animals", "prompts": ["a text about animals"]}]


def test_a_text_and_a_picture_are_sorted(api: World, name: str) -> None:
    url = f"/v1/collections/{name}/classify"
    body = {"labels": LABELS, "text": "Whisk the eggs with sugar and butter.", "threshold": 0.0}
    [result] = api.client.post(url, json=body).json()["results"]
    assert (result["input"], result["label"]) == ("text", "cooking")
    assert result["probabilities"][0]["label"] == "cooking"
    assert sum(each["p"] for each in result["probabilities"]) == pytest.approx(1, abs=1e-5)
    image = base64.b64encode(png()).decode()
    [result] = api.client.post(url, json={"labels": LABELS, "image": image}).json()["results"]
    assert result["input"] == "image"
    never = {"labels": LABELS, "text": "Whisk the eggs.", "threshold": 1.0}
    assert api.client.post(url, json=never).json()["results"][0]["label"] is None


def test_items_and_documents_are_sorted_by_their_vectors(api: World, name: str) -> None:
    api.add(name, "The orchestra played a symphony.", "Dogs and cats and horses.")
    ready = api.ingest()
    url = f"/v1/collections/{name}"
    items = [
        api.client.get(f"{url}/documents/{document.id}/items").json()["items"][0]["id"]
        for document in sorted(ready, key=lambda document: document.name)
    ]
    by_item = api.client.post(
        f"{url}/classify", json={"labels": LABELS, "items": items, "threshold": 0.0}
    ).json()
    assert [each["label"] for each in by_item["results"]] == ["animals", "music"]
    documents = [document.id for document in ready]
    by_document = api.client.post(
        f"{url}/classify", json={"labels": LABELS, "documents": documents, "threshold": 0.0}
    ).json()
    assert {each["item"] for each in by_document["results"]} == set(items)


@pytest.mark.parametrize(
    "change",
    [
        {"labels": ["cat", "dog", "cat"]},
        {"labels": ["cat"]},
        {"labels": "cat"},
        {"labels": [1, 2]},
        {"templates": ["no place"]},
        {"threshold": 2.0},
        {"items": ["x"]},
        {"text": None},
        {"text": " "},
    ],
)
def test_nonsense_is_refused(api: World, name: str, change: dict[str, object]) -> None:
    body = {"labels": ["cat", "dog"], "text": "It purrs.", **change}
    response = api.client.post(f"/v1/collections/{name}/classify", json=body)
    assert_problem(response, 422, "invalid_request")


def test_what_is_not_there_is_not_found(api: World, name: str) -> None:
    for some in ({"items": ["x"]}, {"documents": ["x"]}):
        response = api.client.post(
            f"/v1/collections/{name}/classify", json={"labels": ["cat", "dog"], **some}
        )
        assert_problem(response, 404, "not_found")


def test_a_whole_collection_is_a_job(api: World, name: str) -> None:
    url = f"/v1/collections/{name}/classify/jobs"
    response = api.client.post(url, json={"labels": LABELS, "best": 2, "targets": ["text"]})
    assert response.status_code == 202
    id = response.json()["job_id"]
    assert ("run_job", id) in api.messages()
    job = api.client.get(f"/v1/jobs/{id}").json()
    assert (job["kind"], job["state"], job["collection"]) == ("classify", "queued", name)
    assert job["documents"] is None
    records = api.services.records
    assert records.jobs.get(id).params["best"] == 2
    records.jobs.claim(id, "test", 60)
    records.jobs.progress(id, "test", Progress(1, 2), 60)
    assert api.client.get(f"/v1/jobs/{id}").json()["done"] == 1
    records.jobs.finish(id, "test", {"none": 2, "labels": []})
    job = api.client.get(f"/v1/jobs/{id}").json()
    # As release 0.2.0 kept it: what that lacks is there, and empty.
    assert (job["state"], job["result"]) == ("ready", {"none": 2, "none_items": [], "labels": []})
    for bad in ({"labels": ["a", "A"]}, {"targets": ["smell"]}, {"best": -1}):
        response = api.client.post(url, json={"labels": LABELS, **bad})
        assert_problem(response, 422, "invalid_request")
