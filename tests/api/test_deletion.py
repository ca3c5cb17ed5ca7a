"""After a deletion no way of asking answers with anything of the document, whatever the index still holds."""

import base64
from typing import Any

from ingest.delete import delete_documents
from ingest.thumbnails import make_thumbnails
from samespace.store.blobs import original, thumbnails
from tests.api.world import World, png
from workers.kinds.classify import CollectionClasses
from workers.process import Process
from workers.run_job import start_job

LABELS = ["cooking", "sailing"]


def ask(api: World, path: str, body: dict[str, Any]) -> Any:
    response = api.client.post(path, json=body)
    assert response.status_code == 200, response.text
    return response.json()


def test_no_search_path_answers_with_a_deleted_document(api: World, name: str) -> None:
    """Before the worker came: the rows still stand in the index."""
    home = f"/v1/collections/{name}"
    texts = [f"how to cook rice, part {n}" for n in range(6)]
    api.add(name, *texts)
    picture = api.send(name, [("red.png", png())]).json()["documents"][0]["id"]
    api.ingest()
    make_thumbnails([picture], api.services)
    first = ask(api, f"{home}/search", {"query": "cooking", "limit": 1})
    hits = ask(api, f"{home}/search", {"query": "cooking", "limit": 20})["hits"]
    of = {hit["document"]["id"]: hit["id"] for hit in hits}
    gone = [id for id in of if id != first["hits"][0]["document"]["id"]]
    stays = first["hits"][0]["id"]
    job = ask_job(api, name)
    deleted = api.client.post(f"{home}/documents/delete", json={"ids": gone}).json()["deleted"]
    assert sorted(deleted) == sorted(gone)
    image = base64.b64encode(png()).decode()
    seen: list[Any] = [
        ask(api, f"{home}/search", {"query": "cooking", "limit": 20}),
        ask(api, f"{home}/search", {"parts": [{"image": image}], "limit": 20}),
        ask(api, f"{home}/search", {"parts": [{"item": stays}], "limit": 20}),
        ask(api, f"{home}/similar", {"item": stays}),
        ask(api, f"{home}/search", {"cursor": first["cursor"], "limit": 20}),
        ask(api, f"{home}/search", {"query": "x", "filter": {"$document": gone[0]}}),
        api.client.get(f"{home}/documents").json(),
        api.client.get(f"/v1/jobs/{job}").json(),
        api.client.get("/v1/jobs").json(),
    ]
    for answer in seen:
        assert not [id for id in [*gone, *(of[id] for id in gone)] if id in str(answer)], answer
    for id in gone:
        for path in ("", "/items", "/content", "/thumbnail", "/events"):
            assert api.client.get(f"{home}/documents/{id}{path}").status_code == 404
        for body in ({"items": [of[id]]}, {"documents": [id]}):
            asked = {"labels": LABELS, **body}
            assert api.client.post(f"{home}/classify", json=asked).status_code == 404
        for path in ("search", "similar"):
            asked = {"item": of[id]} if path == "similar" else {"parts": [{"item": of[id]}]}
            assert api.client.post(f"{home}/{path}", json=asked).status_code == 404


def ask_job(api: World, name: str) -> str:
    """The id of a classification of the whole collection that is done."""
    asked = {"labels": LABELS, "threshold": 0, "best": 100}
    response = api.client.post(f"/v1/collections/{name}/classify/jobs", json=asked)
    id = str(response.json()["job_id"])
    start_job(id, Process(api.services, api.queue))
    result = api.client.get(f"/v1/jobs/{id}").json()["result"]
    assert CollectionClasses.model_validate(result).total == 7
    return id


def test_the_name_of_a_deleted_collection_is_another_collection(api: World, name: str) -> None:
    home = f"/v1/collections/{name}"
    api.add(name, "how to cook rice", "how to cook beans")
    api.ingest()
    first = ask(api, f"{home}/search", {"query": "cooking", "limit": 1})
    assert api.client.delete(home).status_code == 202
    assert api.client.post("/v1/collections", json={"name": name}).status_code == 201
    assert ask(api, f"{home}/search", {"query": "cooking"})["hits"] == []
    response = api.client.post(f"{home}/search", json={"cursor": first["cursor"]})
    assert response.status_code == 422
    assert "another collection" in response.json()["detail"]
    assert api.client.get(home).json()["items"] == 0
    (again,) = api.add(name, "how to cook rice")["documents"]
    assert again["outcome"] == "created"
    api.ingest()
    (hit,) = ask(api, f"{home}/search", {"query": "cooking"})["hits"]
    assert hit["document"]["id"] == again["id"]


def test_blob_thumbnail_and_vectors_go_when_the_last_that_needs_them_goes(api: World) -> None:
    one, other = api.collection(), api.collection()
    ids = [
        api.send(name, [("red.png", png("red", 48))]).json()["documents"][0]["id"]
        for name in (one, other)
    ]
    api.ingest()
    make_thumbnails(ids, api.services)
    content = api.services.records.documents.many(ids)[ids[0]].content_hash
    (fingerprint,) = {
        space.fingerprint for space in api.services.records.collections.find(one).spaces
    }

    def kept() -> list[bool]:
        keys = (original(content), *thumbnails(content))
        cached = content in api.services.vectors.get(fingerprint, [content])
        return [*(api.services.blobs.exists(key) for key in keys), cached]

    for name, id, left in zip((one, other), ids, (True, False), strict=True):
        api.client.delete(f"/v1/collections/{name}/documents/{id}")
        delete_documents([id], api.services)
        assert kept() == [left] * 4
