"""The metadata a collection can be filtered by."""

from typing import Any

from tests.api.world import World, assert_problem


def test_fields_are_counted_and_each_value_filters_as_many(api: World, name: str) -> None:
    api.add(
        name, "one river", "two rivers", metadata={"kind": "<b>note</b>", "camera": {"iso": 100}}
    )
    api.add(name, "three rivers", metadata={"kind": "letter", "done": True})
    api.ingest()
    answer = api.client.get(f"/v1/collections/{name}/facets").json()
    assert answer == {
        "fields": [
            {"name": "camera.iso", "values": [{"value": 100, "count": 2}]},
            {"name": "done", "values": [{"value": True, "count": 1}]},
            {
                "name": "kind",
                "values": [{"value": "<b>note</b>", "count": 2}, {"value": "letter", "count": 1}],
            },
        ],
        "documents": 3,
        "whole": True,
    }
    for field in answer["fields"]:
        for each in field["values"]:
            assert _found(api, name, field["name"], each["value"]) == each["count"]


def _found(api: World, name: str, field: str, value: Any) -> int:
    body = {"query": "river", "filter": {"and": [{field: {"eq": value}}]}}
    hits = api.client.post(f"/v1/collections/{name}/search", json=body).json()["hits"]
    return len({hit["document"]["id"] for hit in hits})


def test_a_collection_that_is_not_there(api: World) -> None:
    assert_problem(api.client.get("/v1/collections/nowhere/facets"), 404, "not_found")
