"""Embeddings in OpenAI's shape."""

import base64

import numpy as np
import pytest

from samespace.api.schemas.embeddings import Embeddings
from tests.api.world import World, assert_problem, png


def test_texts_become_unit_vectors(api: World) -> None:
    body = {"model": "starter", "input": ["a red car", "a blue car"]}
    answer = api.client.post("/v1/embeddings", json=body).json()
    Embeddings.model_validate(answer)
    assert [each["index"] for each in answer["data"]] == [0, 1]
    vectors = np.array([each["embedding"] for each in answer["data"]])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert answer["usage"]["prompt_tokens"] == 10


def test_base64_holds_the_same_floats(api: World) -> None:
    body = {"input": "a red car", "dimensions": 384, "user": "somebody"}
    plain = api.client.post("/v1/embeddings", json=body).json()
    packed = api.client.post("/v1/embeddings", json={**body, "encoding_format": "base64"}).json()
    raw = base64.b64decode(packed["data"][0]["embedding"])
    floats = np.frombuffer(raw, "<f4")
    np.testing.assert_allclose(floats, plain["data"][0]["embedding"], atol=1e-6)
    assert packed["model"] == "starter"


def test_pictures_come_after_texts(api: World) -> None:
    image = base64.b64encode(png()).decode()
    body = {"model": "starter/starter", "input": "red", "images": [image]}
    answer = api.client.post("/v1/embeddings", json=body).json()
    assert [len(each["embedding"]) for each in answer["data"]] == [384, 384]
    only = api.client.post("/v1/embeddings", json={"images": [image]}).json()
    assert only["data"][0]["embedding"] == pytest.approx(answer["data"][1]["embedding"], abs=1e-5)
    assert only["usage"]["total_tokens"] == 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"input": []},
        {"input": ["a", " "]},
        {"input": [1, 2]},
        {"input": "a", "model": "unknown"},
        {"input": "a", "model": "text"},
        {"input": "a", "model": "st:/etc"},
        {"input": "a", "dimensions": 5},
        {"input": "a", "encoding_format": "hex"},
        {"images": ["no base64!"]},
    ],
)
def test_nonsense_is_refused(api: World, body: dict[str, object]) -> None:
    assert_problem(api.client.post("/v1/embeddings", json=body), 422, "invalid_request")


def test_the_presets_are_listed(api: World) -> None:
    presets = {one["name"]: one for one in api.client.get("/v1/models").json()["presets"]}
    assert presets["starter"]["spaces"][0]["modalities"] == ["image", "text"]
    assert {"clip", "quality", "multilingual"} <= presets.keys()
    assert presets["starter"]["is_here"]
    assert [each["name"] for each in presets.values() if each["is_default"]] == ["starter"]
    assert all(each["about"] for each in presets.values())
