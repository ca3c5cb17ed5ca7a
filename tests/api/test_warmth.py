"""Questions that come while the models are being loaded: they wait a little, then get 503, and hold nothing up."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from samespace.api import context
from samespace.core.errors import Unavailable
from samespace.core.settings import Settings
from samespace.core.types import Space
from samespace.encoders.batcher import BatchedEncoder
from samespace.encoders.load import Encoders
from tests.api.world import World, assert_problem, open_world


class Slow(Encoders):
    """The encoders of another, which it hands out only once they are `loaded`; `broken`: never."""

    def __init__(self, others: Encoders) -> None:
        super().__init__(Settings(device="cpu", precision="float32"))
        self.others, self.loaded, self.broken = others, threading.Event(), False

    def get(self, space: Space) -> BatchedEncoder:
        self.loaded.wait()
        if self.broken:
            raise Unavailable("the weights cannot be had")
        return self.others.get(space)


@pytest.fixture
def slow(encoders: Encoders) -> Iterator[Slow]:
    slow = Slow(encoders)
    yield slow
    slow.loaded.set()


@pytest.fixture
def cold(tmp_path: Path, redis_url: str, slow: Slow) -> Iterator[World]:
    with open_world(tmp_path, redis_url, slow) as world:
        yield world
        slow.loaded.set()


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A question waits long for the models."""
    monkeypatch.setattr(context, "_WARM_SECONDS", 60.0)


def questions(name: str) -> list[tuple[str, Any]]:
    return [
        (f"/v1/collections/{name}/search", {"query": "a heron"}),
        (f"/v1/collections/{name}/classify", {"text": "a heron", "labels": ["bird", "boat"]}),
        ("/v1/embeddings", {"input": ["a heron"]}),
    ]


@pytest.fixture
def name(tmp_path: Path, redis_url: str, encoders: Encoders) -> str:
    with open_world(tmp_path, redis_url, encoders) as world:
        return world.collection()


def test_a_question_gets_503_in_time_and_is_told_when_to_ask_again(
    name: str, cold: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context, "_WARM_SECONDS", 0.3)
    for path, body in questions(name):
        response = cold.client.post(
            path, json=body
        )  # the models never come: without a bound it would not end
        problem = assert_problem(response, 503, "unavailable")
        assert problem["detail"] == "the models are still being loaded; ask again in a moment"
        assert response.headers["Retry-After"] == "1"


def test_what_needs_no_model_waits_for_none(name: str, cold: World, patient: None) -> None:
    began = time.monotonic()
    assert cold.client.get("/v1/models").status_code == 200
    assert cold.client.get(f"/v1/collections/{name}").status_code == 200
    body = {"labels": ["bird", "boat"]}
    path = f"/v1/collections/{name}/classify/jobs"
    assert cold.client.post(path, json=body).status_code == 202
    assert cold.client.get("/readyz").json()["checks"]["encoders"] == "loading"
    assert time.monotonic() - began < 30


def test_a_question_that_waits_is_answered_when_they_are_loaded(
    name: str, cold: World, slow: Slow, patient: None
) -> None:
    path, body = questions(name)[2]
    with ThreadPoolExecutor() as pool:
        asked = [pool.submit(cold.client.post, path, json=body) for _ in range(4)]
        time.sleep(0.3)
        assert not any(each.done() for each in asked)
        slow.loaded.set()
        assert [each.result().status_code for each in asked] == [200] * 4


def test_models_that_cannot_be_loaded_are_not_waited_for(
    name: str, cold: World, slow: Slow, patient: None
) -> None:
    path, body = questions(name)[2]
    slow.broken = True
    slow.loaded.set()
    began = time.monotonic()
    problem = assert_problem(cold.client.post(path, json=body), 503, "unavailable")
    assert "the weights cannot be had" in problem["detail"]
    assert time.monotonic() - began < 30
