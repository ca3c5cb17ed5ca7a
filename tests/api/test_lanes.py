"""Large questions beside small ones: who asks little is answered soon, and nothing is done for those who left."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from samespace.core.types import Modality, Vectors
from samespace.encoders.batcher import BatchedEncoder
from samespace.encoders.lanes import Entry
from samespace.encoders.load import Encoders
from samespace.encoders.presets import STARTER
from samespace.encoders.query_cache import QueryCache
from samespace.encoders.query_executor import QueryExecutor
from tests.api.world import HOME, World, assert_problem, open_world

LABELS = [f"a thing of kind {i}" for i in range(1000)]
TEMPLATES = [f"photograph {i} of {{}}, seen from afar" for i in range(10)]
NUMBERS = count()
LARGE = {"labels": LABELS, "templates": TEMPLATES, "text": "a dog"}


@pytest.fixture
def encoder(encoders: Encoders) -> Iterator[BatchedEncoder]:
    """The encoder of all worlds here; nothing may wait for it when a test is over."""
    encoder = encoders.get(STARTER)
    yield encoder
    until(lambda: encoder.stats.waiting == 0)


@dataclass
class Asked:
    """A request that a client makes, and may leave before it is answered."""

    world: World
    path: str
    body: dict[str, Any]
    sent: list[Any] = field(default_factory=list)
    _left: asyncio.Event = field(default_factory=asyncio.Event)
    _ended: Future[Any] = field(default_factory=Future)

    def __post_init__(self) -> None:
        portal = self.world.client.portal
        assert portal is not None
        self._ended = portal.start_task_soon(self._ask)

    def leave(self) -> None:
        portal = self.world.client.portal
        assert portal is not None
        portal.call(self._left.set)
        self._ended.result(20)

    def status(self) -> int:
        self._ended.result(20)
        return int(self.sent[0]["status"])

    async def _ask(self) -> None:
        content = json.dumps(self.body).encode()
        scope = {
            "type": "http",
            "method": "POST",
            "path": self.path,
            "raw_path": self.path.encode(),
            "query_string": b"",
            "root_path": "",
            "scheme": "http",
            "http_version": "1.1",
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", 7373),
            "headers": [
                (b"host", HOME.removeprefix("http://").encode()),
                (b"content-type", b"application/json"),
                (b"content-length", str(len(content)).encode()),
            ],
        }
        messages = [{"type": "http.request", "body": content, "more_body": False}]

        async def receive() -> Any:
            if messages:
                return messages.pop()
            await self._left.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            self.sent.append(message)

        await self.world.client.app(scope, receive, send)


def until(condition: Callable[[], bool]) -> None:
    ends = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < ends, "it never came true"
        time.sleep(0.01)


def seconds_of(world: World, name: str) -> float:
    query = f"a dog, seen by {next(NUMBERS)} people"  # what was asked before is remembered
    began = time.perf_counter()
    response = world.client.post(f"/v1/collections/{name}/search", json={"query": query})
    assert response.status_code == 200, response.text
    return time.perf_counter() - began


LARGE_ONES: dict[str, tuple[str, dict[str, Any]]] = {
    "classification": ("/v1/collections/{}/classify", LARGE),
    "embeddings": ("/v1/embeddings", {"input": [f"{words}. " * 20 for words in LABELS]}),
}


@pytest.mark.alone
@pytest.mark.parametrize("kind", LARGE_ONES)
def test_searches_pass_what_is_large_and_it_ends_with_its_client(
    api: World, name: str, encoder: BatchedEncoder, kind: str
) -> None:
    api.add(name, "The dog barks.", "A cat sleeps.")
    api.ingest()
    alone = sorted(seconds_of(api, name) for _ in range(5))[2]
    path, body = LARGE_ONES[kind]
    asked = Asked(api, path.format(name), body)
    until(lambda: encoder.stats.waiting > 400)
    beside = sorted(seconds_of(api, name) for _ in range(5))[2]
    assert encoder.stats.waiting > 0, "the large one was done before the searches were"
    assert beside < 5 * alone + 0.5, "a batch of bulk takes a tenth of a second"
    batches = encoder.stats.batches
    asked.leave()
    until(lambda: encoder.stats.waiting == 0)
    assert encoder.stats.batches <= batches + 3
    assert asked.status() == 400  # that nobody reads


@pytest.mark.alone
def test_what_takes_too_long_is_told_to_come_again(
    tmp_path: Path, redis_url: str, encoders: Encoders, encoder: BatchedEncoder
) -> None:
    with open_world(tmp_path, redis_url, encoders, search_seconds=0.3) as world:
        name = world.collection()
        for path, body in LARGE_ONES.values():
            began = time.monotonic()
            response = world.client.post(path.format(name), json=body)
            problem = assert_problem(response, 503, "too_late")
            assert problem["detail"] == (
                "there was no answer within 0.3 seconds (SAMESPACE_SEARCH_SECONDS): the server has too "
                "much to do, or this is too much at once; ask again later, or for less"
            )
            assert response.headers["retry-after"] == "5"
            assert time.monotonic() - began < 5
            until(lambda: encoder.stats.waiting == 0)


@pytest.mark.alone
def test_a_search_behind_a_busy_encoder_is_told_to_come_again(
    tmp_path: Path,
    redis_url: str,
    encoders: Encoders,
    encoder: BatchedEncoder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = threading.Event()
    encode = BatchedEncoder._attempt

    def held(self: BatchedEncoder, modality: Modality, batch: Sequence[Entry]) -> Exception | None:
        assert gate.wait(20)
        return encode(self, modality, batch)

    def held_query(_: QueryExecutor, texts: Sequence[str]) -> Vectors | None:
        return None  # into the batches with it

    with open_world(tmp_path, redis_url, encoders, search_seconds=0.3) as world:
        name = world.collection()
        world.add(name, "The dog barks.")
        [document] = world.ingest()
        until(lambda: world.client.get("/readyz").status_code == 200)
        monkeypatch.setattr(BatchedEncoder, "_attempt", held)
        monkeypatch.setattr(QueryExecutor, "rows", held_query)
        monkeypatch.setattr(encoder, "_query_cache", QueryCache())
        search, similar = (f"/v1/collections/{name}/{each}" for each in ("search", "similar"))
        response = world.client.post(search, json={"query": "a dog"})
        assert_problem(response, 503, "too_late")
        assert encoder.stats.waiting == 0
        item = world.services.records.documents.items(document)[0].key
        assert_problem(world.client.post(similar, json={"item": item}), 503, "too_late")
        gate.set()
        until(lambda: world.client.post(search, json={"query": "a dog"}).status_code == 200)


def test_labels_times_templates_are_bounded_together(api: World, name: str) -> None:
    body = {**LARGE, "templates": [*TEMPLATES, "{}"]}
    for url in (f"/v1/collections/{name}/classify", f"/v1/collections/{name}/classify/jobs"):
        problem = assert_problem(
            api.client.post(
                url, json={key: body[key] for key in body if key != "text" or "jobs" not in url}
            ),
            422,
            "invalid_request",
        )
        assert problem["detail"] == (
            "1000 labels times 11 templates make 11000 prompts, the limit is 10000 (SAMESPACE_MAX_PROMPTS)"
        )


def test_labels_that_are_known_are_not_encoded_again(
    api: World, name: str, encoder: BatchedEncoder
) -> None:
    body = {"labels": ["an otter", "a wolf", "a lynx"], "templates": ["{}"], "text": "It swims."}
    first = api.client.post(f"/v1/collections/{name}/classify", json=body).json()
    items = encoder.stats.items
    assert api.client.post(f"/v1/collections/{name}/classify", json=body).json() == first
    assert encoder.stats.items == items  # nor is the text, which was asked before
    other = {**body, "labels": [*body["labels"], "a stoat"], "text": "It climbs."}
    assert api.client.post(f"/v1/collections/{name}/classify", json=other).status_code == 200
    assert encoder.stats.items == items + 2  # the new label and the new text
