"""Models of one's own through the whole of it: from upload over the worker to a hit, both ways, and to classes."""

import base64
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from samespace.core.settings import Settings
from samespace.encoders.load import Encoders
from samespace.operations.verify import verify
from tests.api.world import World, open_world, png
from tests.encoders import tiny_onnx
from tests.encoders.tiny import write_tiny_clip


@pytest.fixture(scope="module", params=["st", "onnx"])
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, redis_url: str
) -> Iterator[World]:
    """An application whose collections are of a model of texts and pictures, with tiny random weights."""
    inside = tmp_path_factory.mktemp("models")
    write = write_tiny_clip if request.param == "st" else _write_onnx
    encoders = Encoders(Settings(device="cpu", precision="float32"))
    preset = f"{request.param}:{write(inside)}"
    with open_world(tmp_path_factory.mktemp("api"), redis_url, encoders, preset=preset) as world:
        yield world
    encoders.close()


def _write_onnx(inside: Path) -> Path:
    return tiny_onnx.write_both(inside / "onnx")


def test_texts_and_pictures_go_from_upload_to_hit(world: World) -> None:
    name = world.collection()
    world.add(name, "a red car", "the blue boat in a storm")
    files = [("red.png", png("red")), ("blue.png", png("blue"))]
    assert world.send(name, files).status_code == 202
    assert len(world.ingest()) == 4
    assert verify(world.services).is_clean

    url = f"/v1/collections/{name}/search"
    by_words = world.client.post(url, json={"query": "a red car", "targets": ["text"]}).json()
    assert by_words["hits"][0]["text"] == "a red car"
    assert by_words["hits"][0]["parts"][0]["cosine"] == pytest.approx(1, abs=1e-4)
    asked = base64.b64encode(png("blue")).decode()
    by_picture = world.client.post(url, json={"parts": [{"image": asked}]}).json()
    pictures = [hit for hit in by_picture["hits"] if hit["modality"] == "image"]
    assert pictures[0]["document"]["name"] == "blue.png"
    assert pictures[0]["parts"][0]["cosine"] == pytest.approx(1, abs=1e-4)
    assert len(by_picture["hits"]) == 4

    body = {"image": asked, "labels": [{"name": "blue"}, {"name": "red"}]}
    classed = world.client.post(f"/v1/collections/{name}/classify", json=body).json()
    assert sum(each["p"] for each in classed["results"][0]["probabilities"]) == pytest.approx(1)


def test_its_vectors_are_given_out(world: World) -> None:
    body = {"input": ["red"], "images": [base64.b64encode(png("red")).decode()]}
    answer = world.client.post("/v1/embeddings", json=body)
    assert answer.status_code == 200, answer.text
    rows = np.array([each["embedding"] for each in answer.json()["data"]])
    assert rows.shape == (2, 16)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(
    "world", ["onnx"], indirect=True
)  # random towers know nothing of each other
def test_words_find_the_picture_of_what_they_mean(world: World) -> None:
    name = world.collection()
    world.send(name, [("blue.png", png("blue")), ("red.png", png("red"))])
    assert len(world.ingest()) == 2
    found = world.client.post(f"/v1/collections/{name}/search", json={"query": "red"}).json()
    assert found["hits"][0]["document"]["name"] == "red.png"


def test_a_collection_of_a_model_without_sense_is_refused(world: World, tmp_path: Path) -> None:
    folder = tiny_onnx.write_both(tmp_path / "spoilt")
    tiny_onnx.write_texts(folder / "text_model.onnx", tiny_onnx.words() * 0)
    body = {"name": "spoilt", "preset": f"onnx:{folder}"}
    refused = world.client.post("/v1/collections", json=body)
    assert refused.status_code >= 400
    assert "vector 0 of 2 has length 0.0" in refused.json()["detail"]
    assert world.client.get("/v1/collections/spoilt").status_code == 404
