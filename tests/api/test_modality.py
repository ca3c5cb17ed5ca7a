"""What docs/extending.md says of a modality, done: an invented one, added by its own file and one line, goes from its
upload through a worker to hits and classes, is searched with, mapped and told to the page."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.formats import registry
from ingest.formats.registry import FORMATS, Formats
from samespace.core.content import Content, text_hash
from samespace.core.errors import Unsupported
from samespace.core.modalities import MODALITIES, row_of
from samespace.core.settings import Settings
from samespace.core.types import Modality
from samespace.encoders.adapters import ADAPTERS
from samespace.encoders.load import Encoders
from samespace.operations.verify import verify
from search.points import unpack
from tests.api.tunes import ADAPTER, TUNE, TUNE_ROW, TUNES, tune_of
from tests.api.world import Json, World, open_world
from workers import tasks
from workers.process import Process, set_process

UP, DOWN = tune_of(60, 62, 64, 67), tune_of(72, 71, 69, 60)


@pytest.fixture
def tunes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One line in each registry: of modalities, formats and adapters."""
    monkeypatch.setitem(MODALITIES, TUNE, TUNE_ROW)
    monkeypatch.setattr(registry, "FORMATS", Formats((*FORMATS.rows, TUNES)))
    monkeypatch.setitem(ADAPTERS, ADAPTER.kind, ADAPTER)
    yield


@pytest.fixture
def world(tunes: None, tmp_path: Path, redis_url: str) -> Iterator[World]:
    encoders = Encoders(Settings(device="cpu"))
    with open_world(tmp_path, redis_url, encoders, preset="tunes:invented") as world:
        yield world
    encoders.close()


@pytest.fixture
def name(world: World) -> str:
    """A collection of two tunes and two passages."""
    name = world.collection()
    sent = world.send(name, [("up.tune", UP), ("down.tune", DOWN)])
    assert sent.status_code == 202, sent.text
    world.add(name, "Smoke climbs from the chimney.", "A stone sinks in the pond.")
    assert len(world.ingest()) == 4
    return name


def ask(world: World, name: str, path: str = "search", **body: Json) -> Json:
    response = world.client.post(f"/v1/collections/{name}/{path}", json=body)
    assert response.status_code == 200, response.text
    return response.json()


def found(answer: Json) -> list[tuple[str, str]]:
    return [(hit["modality"], hit["document"]["name"]) for hit in answer["hits"]]


def test_words_find_it_and_it_finds_words(world: World, name: str) -> None:
    up = ask(world, name, query="it goes up", targets=["tune"])
    assert found(up) == [("tune", "up.tune"), ("tune", "down.tune")]
    assert up["hits"][0]["thumbnail"] is None
    assert found(ask(world, name, query="falling", targets=["tune"]))[0] == ("tune", "down.tune")

    both = ask(world, name, query="it goes up")
    assert {modality for modality, _ in found(both)} == {"text", "tune"}
    alike = ask(world, name, "similar", item=up["hits"][0]["id"], targets=["text"])
    assert alike["hits"][0]["text"] == "Smoke climbs from the chimney."
    only = ask(world, name, query="it goes up", filter={"$modality": "tune"})
    assert {modality for modality, _ in found(only)} == {"tune"}


def test_a_file_of_it_is_searched_with_and_classified(world: World, name: str) -> None:
    asked = base64.b64encode(tune_of(40, 50)).decode()
    hits = ask(world, name, parts=[{"image": asked}])["hits"]
    tunes = [hit["document"]["name"] for hit in hits if hit["modality"] == "tune"]
    assert tunes == ["up.tune", "down.tune"]

    labels = [{"name": "rising"}, {"name": "falling"}]
    [classed] = ask(world, name, "classify", image=asked, labels=labels)["results"]
    assert (classed["input"], classed["label"]) == ("tune", "rising")
    items = [hit["id"] for hit in hits]
    classes = ask(world, name, "classify", items=items, labels=labels)["results"]
    by_item = {each["item"]: each["label"] for each in classes}
    for hit in hits:
        text = hit["text"] or hit["document"]["name"]
        assert by_item[hit["id"]] == ("rising" if "up" in text or "climbs" in text else "falling")


def done(world: World, path: str, **body: Json) -> Json:
    """The result of a job, done as a worker does it."""
    answer = world.client.post(path, json=body)
    assert answer.status_code == 202, answer.text
    id = answer.json()["job_id"]
    set_process(Process(world.services, world.queue, owner="worker"))
    tasks.run_job(id)
    return world.client.get(f"/v1/jobs/{id}").json()["result"]


def test_a_whole_collection_is_classified_and_mapped(world: World, name: str) -> None:
    path = f"/v1/collections/{name}"
    labels = ["rising", "falling"]
    result = done(world, f"{path}/classify/jobs", labels=labels, targets=["tune"])
    assert result["total"] == 2
    best = {each["name"]: each["best"][0]["document_name"] for each in result["labels"]}
    assert best == {"rising": "up.tune", "falling": "down.tune"}

    assert done(world, f"{path}/map/jobs") == {"points": 4}
    collection = world.services.records.collections.all()[0]
    kept = world.services.records.maps.find(collection.id)
    assert kept is not None
    assert sorted(unpack(kept.points)["modality"]) == [0, 0, 2, 2]
    body = world.client.get(f"{path}/map").content
    assert b'"modalities": ["text", "image", "tune"]' in body


def test_it_is_told_and_verified(world: World, name: str) -> None:
    limits = world.client.get("/v1/limits").json()
    assert limits["modalities"][-1] == {
        "name": "tune",
        "called": "tune",
        "plural": "tunes",
        "media_types": ["audio/x-tune"],
        "preview": "none",
        "has_preview": False,
    }
    assert "audio/x-tune" in limits["media_types"]
    assert verify(world.services).is_clean


def test_what_is_no_tune_fails_and_says_so(world: World) -> None:
    name = world.collection()
    world.send(name, [("broken.tune", tune_of(60, 200))])
    assert world.ingest() == []
    listed = world.client.get(f"/v1/collections/{name}/documents").json()["documents"]
    assert [(each["state"], each["name"]) for each in listed] == [("failed", "broken.tune")]


def test_without_its_row_nothing_knows_it() -> None:
    with pytest.raises(Unsupported, match="modality 'tune' is not known; known are image, text"):
        row_of(TUNE)
    with pytest.raises(ValueError, match="'tune' is not known"):
        Content(Modality("tune"), text_hash("x"))
    assert [*MODALITIES] == ["text", "image"]


@pytest.mark.parametrize("name", ["", "Tune", "long tune", "melodious", "tune1"])
def test_a_name_has_to_fit_its_columns(name: str) -> None:
    with pytest.raises(ValueError, match=f"modality '{name}': a name has 1 to 8 letters a to z"):
        replace(TUNE_ROW, name=Modality(name))
