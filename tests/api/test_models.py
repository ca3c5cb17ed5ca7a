"""Models by the API: added from a folder, listed with the presets, used by collections, removed."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from samespace.core.settings import Settings
from samespace.encoders.load import Encoders
from samespace.encoders.packed import PackedModels
from samespace.store.blobs_disk import DiskBlobs
from tests.api.world import World, assert_problem, open_world
from tests.encoders.tiny import write_tiny


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, redis_url: str) -> Iterator[World]:
    """An application whose encoders find packed models."""
    folder = tmp_path_factory.mktemp("models")
    settings = Settings(data=folder, models=folder / "models", device="cpu", precision="float32")
    blobs = DiskBlobs(folder / "blobs")
    encoders = Encoders(settings, PackedModels(settings.models, blobs.open))
    more = {"models": settings.models, "device": "cpu", "api_key": "main"}
    with open_world(folder, redis_url, encoders, **more) as opened:
        opened.client.headers["Authorization"] = "Bearer main"
        yield opened
    encoders.close()


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("tiny"))


def bearer(world: World, **wanted: object) -> dict[str, str]:
    made = world.client.post("/v1/keys", json={"name": "one", **wanted}).json()
    return {"Authorization": f"Bearer {made['key']}"}


def test_a_model_from_its_folder_to_a_hit_and_away_again(
    world: World, tiny: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(tiny, tmp_path / "Birds and boats")
    body = {"source": str(folder), "licence": "MIT"}
    answer = world.client.post("/v1/models", json=body)
    assert answer.status_code == 201, answer.text
    added = answer.json()
    assert added["name"] == "Birds-and-boats"
    assert [each["dim"] for each in added["spaces"]] == [32]
    assert added["left_out"] == []
    assert_problem(world.client.post("/v1/models", json=body), 409, "conflict")
    again = assert_problem(
        world.client.post("/v1/models", json={**body, "name": "other"}), 409, "conflict"
    )
    assert "as model 'Birds-and-boats'" in again["detail"]
    shutil.rmtree(folder)

    made = world.client.post("/v1/collections", json={"name": "birds", "preset": added["name"]})
    assert made.status_code == 201, made.text
    assert made.json()["preset"] == "Birds-and-boats"
    assert made.json()["spaces"][0]["fingerprint"] == added["fingerprint"]
    world.add("birds", "a heron at dawn", "an invoice")
    world.ingest()
    found = world.client.post("/v1/collections/birds/search", json={"query": "a heron at dawn"})
    assert found.json()["hits"][0]["text"] == "a heron at dawn"
    vectors = {"input": ["a heron"], "model": "Birds-and-boats"}
    assert (
        len(world.client.post("/v1/embeddings", json=vectors).json()["data"][0]["embedding"]) == 32
    )

    refused = assert_problem(world.client.delete("/v1/models/Birds-and-boats"), 409, "conflict")
    assert "used by collection birds" in refused["detail"]
    assert world.client.get("/v1/models/Birds-and-boats").json()["used_by"] == ["birds"]
    world.client.delete("/v1/collections/birds")
    assert world.client.delete("/v1/models/Birds-and-boats").status_code == 200
    assert_problem(world.client.get("/v1/models/Birds-and-boats"), 404, "not_found")
    assert_problem(world.client.delete("/v1/models/Birds-and-boats"), 404, "not_found")
    actions = [line["action"] for line in world.client.get("/v1/audit").json()["lines"]]
    assert {"add_model", "remove_model"} <= set(actions)


def test_presets_are_models_too(world: World) -> None:
    listed = {one["name"]: one for one in world.client.get("/v1/models").json()["models"]}
    assert listed["starter"]["origin"] == "shipped"
    assert listed["starter"]["is_default"]
    world.client.post("/v1/collections", json={"name": "plain"})
    shown = world.client.get("/v1/models/starter").json()
    assert shown["used_by"] == ["plain"]
    problem = assert_problem(world.client.delete("/v1/models/starter"), 404, "not_found")
    assert "starter" in problem["detail"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"source": "/no/such/folder"}, "there is no folder /no/such/folder"),
        ({"source": "models/mine"}, "licence"),
        ({"source": "./mine"}, "no whole path"),
        ({"source": "tf:/nowhere"}, "not known"),
        ({"source": "onnx:/nowhere"}, "there is no folder /nowhere"),
        ({"source": "nonsense"}, "is no model"),
        ({"source": "clip"}, "BAAI/bge-small-en-v1.5"),
        ({"source": "/usr", "name": "starter"}, "name of a preset"),
        ({"source": "/usr", "name": "with space"}, "name"),
        ({"source": ""}, "source"),
        ({}, "source"),
    ],
)
def test_nonsense_is_refused_and_nothing_recorded(
    world: World, body: dict[str, str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    before = world.client.get("/v1/models").json()["models"]
    answer = world.client.post("/v1/models", json=body)
    assert answer.status_code in {409, 422}, answer.text
    assert said in answer.text
    assert world.client.get("/v1/models").json()["models"] == before


def test_who_may_do_what(world: World, tiny: Path) -> None:
    world.client.post("/v1/collections", json={"name": "hers"})
    world.client.post("/v1/collections", json={"name": "secret"})
    reader = bearer(world, scopes=["read"])
    limited = bearer(world, scopes=["write"], collections=["hers"])
    body = {"source": str(tiny), "name": "guarded", "licence": "own"}
    for headers in (reader, limited):
        assert_problem(
            world.client.post("/v1/models", json=body, headers=headers), 403, "forbidden"
        )
        gone = world.client.delete("/v1/models/guarded", headers=headers)
        assert_problem(gone, 403, "forbidden")
    assert world.client.post("/v1/models", json=body).json()["source"] == str(tiny)
    shown = world.client.get("/v1/models/guarded", headers=limited).json()
    assert (shown["source"], shown["licence"]) == (None, "own")
    assert "hers" in world.client.get("/v1/models/starter", headers=limited).json()["used_by"]
    assert "secret" not in world.client.get("/v1/models/starter", headers=limited).text
    assert world.client.delete("/v1/models/guarded").status_code == 200
