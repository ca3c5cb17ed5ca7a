"""Redis and Milvus gone, hung, wiped or started anew while documents come in: uploads go on, nothing is lost."""

import re
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from samespace.core.types import State
from samespace.store.records import Collection
from tests.faults.whole import assert_whole, url
from tests.workers.farm import Farm

pytestmark = [pytest.mark.slow, pytest.mark.alone]

MANY = 48
QUICK, SOON, BOUNDED = 3.0, 5.0, 20.0


@pytest.fixture
def collection(farm: Farm, request: pytest.FixtureRequest) -> Collection:
    """With documents on their way."""
    made = farm.collection(re.sub(r"\W", "-", request.node.name).strip("-"))
    add(farm, made, MANY)
    farm.wait_for(made, State.READY, 1)
    return made


@pytest.mark.parametrize("keeps_its_file", [True, False])
def test_redis_is_killed_and_comes_back(
    farm: Farm, collection: Collection, keeps_its_file: bool
) -> None:
    farm.kill("queue")
    assert add(farm, collection, 8, "while Redis is down") < QUICK
    search(farm, collection)
    time.sleep(3)
    if not keeps_its_file:
        shutil.rmtree(farm.settings.data / "valkey")
        (farm.settings.data / "valkey").mkdir()
    farm.restart("queue")
    assert_whole(farm, collection, MANY + 8)
    add(farm, collection, 8, "when Redis is back")
    assert_whole(farm, collection, MANY + 16)


def test_redis_is_wiped(farm: Farm, collection: Collection) -> None:
    farm.queue.redis.flushall()
    assert add(farm, collection, 8, "after it was wiped") < QUICK
    assert_whole(farm, collection, MANY + 8)


def test_redis_hangs(farm: Farm, collection: Collection) -> None:
    with hanging(farm, "queue"):
        assert add(farm, collection, 8, "while Redis hangs") < BOUNDED
        time.sleep(2)
    assert_whole(farm, collection, MANY + 8)


def test_milvus_is_killed_and_comes_back(farm: Farm, collection: Collection) -> None:
    farm.kill("index")
    assert add(farm, collection, 8, "while Milvus is down") < QUICK
    search(farm, collection)
    time.sleep(3)
    farm.restart("index")
    assert_whole(farm, collection, MANY + 8)
    farm.wait_until(lambda: search(farm, collection) == httpx.codes.OK, SOON)


def test_milvus_hangs(farm: Farm, collection: Collection) -> None:
    with hanging(farm, "index"):
        assert add(farm, collection, 8, "while Milvus hangs") < QUICK
        assert search(farm, collection) == httpx.codes.SERVICE_UNAVAILABLE
    assert_whole(farm, collection, MANY + 8)
    # For a moment the API does not ask again: documents are in sooner than that with a quick worker.
    farm.wait_until(lambda: search(farm, collection) == httpx.codes.OK, SOON)


@contextmanager
def hanging(farm: Farm, name: str) -> Iterator[None]:
    """While the block runs, the server answers nothing and closes nothing."""
    server = farm.server(name)
    server.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        server.send_signal(signal.SIGCONT)


def add(farm: Farm, collection: Collection, count: int, when: str = "at first") -> float:
    """Add texts over HTTP; every one has to be accepted. Answers the seconds it took."""
    texts = [{"text": f"Heron {number} sleeps {when}. {collection.id}"} for number in range(count)]
    path = f"/v1/collections/{collection.name}/documents"
    began = time.monotonic()
    response = httpx.post(f"{url(farm)}{path}", json={"documents": texts}, timeout=60)
    assert response.status_code == httpx.codes.ACCEPTED, response.text
    return time.monotonic() - began


def search(farm: Farm, collection: Collection) -> int:
    """The status of a search: an answer or a clear refusal, and soon."""
    path = f"/v1/collections/{collection.name}/search"
    began = time.monotonic()
    response = httpx.post(f"{url(farm)}{path}", json={"query": "a bird"}, timeout=90)
    assert response.status_code in {httpx.codes.OK, httpx.codes.SERVICE_UNAVAILABLE}, response.text
    assert time.monotonic() - began < BOUNDED
    return response.status_code
