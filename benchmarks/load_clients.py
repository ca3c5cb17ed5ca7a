"""The clients of `make load`: what they ask, what they upload, how long each answer took."""

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from samespace.client import Source, requests
from samespace.client.answers import retry_after
from samespace.client.http import arguments
from samespace.client.requests import Request
from samespace.client.uploads import opened
from samespace.client.views import Answer
from samespace.client.wire import Part

COLLECTION = "library"
SHELVES = 10
_TIMEOUT = 120.0
_UPLOAD = 16
# Of a hundred queries: words for both modalities, words under a filter, words for pictures, a picture for pictures.
_MIX = {"words": 50, "filtered": 20, "words for pictures": 15, "picture": 15}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was answered: its kind, its status (0 where nothing answered), how many seconds it took,
    and of these, in milliseconds, what the server says it spent in its encoders and in the index."""

    kind: str
    status: int
    seconds: float
    encode_ms: float = 0.0
    index_ms: float = 0.0


@dataclass(slots=True)
class Tally:
    """What the clients of one phase saw."""

    queries: list[Asked] = field(default_factory=list)
    uploads: list[Asked] = field(default_factory=list)


def shelf(number: int) -> dict[str, int]:
    """The metadata of a document, by which some queries filter."""
    return {"shelf": number % SHELVES}


def query_requests(
    words: Sequence[str], pictures: Sequence[Path], chance: random.Random
) -> Iterator[tuple[str, Request[Answer]]]:
    """Queries without end, with their kinds."""
    kinds, weights = list(_MIX), list(_MIX.values())
    while True:
        kind = chance.choices(kinds, weights)[0]
        text = " ".join(chance.choices(words, k=chance.randint(2, 8)))
        if kind == "filtered":
            where = {"shelf": chance.randrange(SHELVES)}
            yield kind, requests.search(COLLECTION, text, filter=where)
        elif kind == "words for pictures":
            yield kind, requests.search(COLLECTION, text, targets=["image"])
        elif kind == "picture":
            part: Part = {"image": chance.choice(pictures).read_bytes()}
            yield kind, requests.search(COLLECTION, parts=[part], targets=["image"])
        else:
            yield kind, requests.search(COLLECTION, text)


def ask(
    url: str,
    queries: Iterator[tuple[str, Request[Answer]]],
    pause: Callable[[], float],
    done: threading.Event,
    seen: list[Asked],
) -> None:
    """Ask, look at the answer for a while, ask again, over one kept connection."""
    with httpx.Client(base_url=url, timeout=_TIMEOUT, trust_env=False) as http:
        while not done.wait(pause()):
            kind, request = next(queries)
            seen.append(_send(http, kind, request)[0])


def upload(url: str, sources: Iterator[Source], done: threading.Event, seen: list[Asked]) -> None:
    """Upload as fast as the server lets us: where it is busy, wait for as long as it says."""
    with httpx.Client(base_url=url, timeout=_TIMEOUT, trust_env=False) as http:
        while not done.is_set():
            _upload(http, _some(sources), done, seen)


def _upload(
    http: httpx.Client, batch: Sequence[Source], done: threading.Event, seen: list[Asked]
) -> None:
    while True:
        with opened(COLLECTION, batch) as files:
            assert files.request is not None
            asked, pause = _send(http, "upload", files.request)
        seen.append(asked)
        if pause is None or done.wait(pause):
            return


def _some(sources: Iterator[Source]) -> list[Source]:
    batch = [source for source, _ in zip(sources, range(_UPLOAD), strict=False)]
    if not batch:
        raise RuntimeError("everything prepared was uploaded; prepare more with --prepared")
    return batch


def _send(http: httpx.Client, kind: str, request: Request[object]) -> tuple[Asked, float | None]:
    started = time.perf_counter()
    try:
        response = http.request(**arguments(request))
    except httpx.HTTPError:
        return Asked(kind, 0, time.perf_counter() - started), None
    seconds = time.perf_counter() - started
    took = response.json().get("took_ms", {}) if response.is_success else {}
    asked = Asked(
        kind, response.status_code, seconds, took.get("encode", 0.0), took.get("index", 0.0)
    )
    return asked, retry_after(response)
