"""Quotas over HTTP: what is past one is refused alone."""

from tests.api.world import World, assert_problem


def test_a_document_past_the_quota_is_refused_alone(api: World, name: str) -> None:
    path = f"/v1/collections/{name}"
    stored = len(list(api.services.blobs.keys("originals")))
    changed = api.client.patch(path, json={"max_documents": 1})
    assert changed.status_code == 200
    assert (changed.json()["max_documents"], changed.json()["held_documents"]) == (1, 0)
    answer = api.add(name, "one", "two")
    first, second = answer["documents"]
    assert first["outcome"] == "created"
    assert second["error"]["code"] == "quota_exceeded"
    assert "holds 1 documents, its quota is 1" in second["error"]["detail"]
    refused = api.client.post(f"{path}/documents", json={"text": "three"})
    assert_problem(refused, 403, "quota_exceeded")
    assert len(list(api.services.blobs.keys("originals"))) == stored + 1
    view = api.client.get(path).json()
    assert (view["held_documents"], view["held_bytes"]) == (1, 3)
    api.client.delete(f"{path}/documents/{first['id']}")
    assert api.client.get(path).json()["held_documents"] == 0
    lifted = api.client.patch(path, json={"max_documents": None, "max_bytes": 10})
    assert (lifted.json()["max_documents"], lifted.json()["max_bytes"]) == (None, 10)


def test_a_quota_that_is_none_is_refused(api: World, name: str) -> None:
    for body in ({}, {"max_documents": -1}, {"max_bytes": 1.5}, {"max_bytes": 2**63}, {"x": 1}):
        response = api.client.patch(f"/v1/collections/{name}", json=body)
        assert_problem(response, 422, "invalid_request")
