"""Every change over HTTP leaves a line, and what only looks leaves none."""

from collections.abc import Iterator

import pytest

from samespace.core.errors import Unavailable
from samespace.encoders.load import Encoders
from tests.api.world import Json, World, open_world


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, redis_url: str, encoders: Encoders
) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("audit")
    with open_world(folder, redis_url, encoders, api_key="own") as world:
        world.client.headers.update({"authorization": "Bearer own"})
        yield world


def lines(world: World, after: int) -> list[Json]:
    found = world.client.get("/v1/audit", params={"after": after}).json()["lines"]
    return [{name: line[name] for name in line if name not in {"id", "at"}} for line in found]


def newest(world: World) -> int:
    return max((line.id for line in world.services.records.audit.page(limit=1000)), default=0)


def test_changes_leave_lines_and_looking_leaves_none(world: World) -> None:
    start = newest(world)
    made = world.client.post("/v1/keys", json={"name": "someone"}).json()
    name = world.collection()
    theirs = {"authorization": f"Bearer {made['key']}"}
    documents = f"/v1/collections/{name}/documents"
    added = world.client.post(
        documents,
        json={"documents": [{"text": "a secret diary"}, {"text": "another"}]},
        headers=theirs,
    ).json()
    [one, two] = [each["id"] for each in added["documents"]]
    world.client.get(documents, headers=theirs)
    world.client.post(f"/v1/collections/{name}/search", json={"query": "diary"}, headers=theirs)
    world.client.post(f"/v1/collections/{name}/search", json={}, headers=theirs)
    world.client.delete(f"{documents}/{one}", headers=theirs)
    world.client.delete(f"{documents}/{one}x", headers=theirs)  # 404: no change
    world.client.patch(f"/v1/collections/{name}", json={"max_documents": 1})
    world.client.post(f"/v1/keys/{made['id']}/rotate", json={"grace": 5})
    world.client.delete(f"/v1/keys/{made['id']}")
    world.client.delete(f"/v1/collections/{name}")

    assert [tuple(line.values()) for line in lines(world, start)] == [
        (
            "setting",
            "create_key",
            None,
            made["id"],
            {"name": "someone", "scopes": ["read", "write"]},
        ),
        ("setting", "create_collection", name, None, {"preset": "starter"}),
        (made["id"], "add_documents", name, None, {"job": added["job_id"], "documents": 2}),
        (made["id"], "delete_document", name, one, {"documents": 1}),
        ("setting", "change_collection", name, None, {"max_documents": 1}),
        ("setting", "rotate_key", None, made["id"], {"name": "someone", "grace": 5.0}),
        ("setting", "revoke_key", None, made["id"], {}),
        ("setting", "delete_collection", name, None, {}),
    ]
    everything = world.client.get("/v1/audit").text
    assert "diary" not in everything
    assert made["key"].split("_", 2)[2] not in everything
    assert two not in everything


def test_lines_are_paged(world: World) -> None:
    start = newest(world)
    names = [world.collection() for _ in range(3)]
    first = world.client.get("/v1/audit", params={"after": start, "limit": 2}).json()
    second = world.client.get("/v1/audit", params={"after": first["next"], "limit": 2}).json()
    assert [line["collection"] for line in first["lines"] + second["lines"]] == names
    assert second["next"] is None
    asked = {"since": "2100-01-01T00:00:00+00:00"}
    assert world.client.get("/v1/audit", params=asked).json()["lines"] == []


def test_a_change_that_is_done_is_answered_also_without_its_line(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise Unavailable("the database does not answer")

    monkeypatch.setattr("samespace.store.records.audit.Audit.add", fail)
    world.collection()
    assert "create_collection by setting has no line" in caplog.text
