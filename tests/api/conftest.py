"""The API over real records, blobs, queue and models; only the index is the one in memory."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from samespace.encoders.load import Encoders
from tests.api.world import World, open_world
from workers.app import QUEUES


@pytest.fixture(scope="module")
def api(
    tmp_path_factory: pytest.TempPathFactory, redis_url: str, encoders: Encoders
) -> Iterator[World]:
    """One application for the tests of a module, each with a collection of its own."""
    with open_world(tmp_path_factory.mktemp("api"), redis_url, encoders) as world:
        yield world


@pytest.fixture
def small_api(tmp_path: Path, redis_url: str, encoders: Encoders) -> Iterator[World]:
    """An application with low limits."""
    limits = {
        "max_file_bytes": 2000,
        "max_request_bytes": 5000,
        "max_json_bytes": 1000,
        "max_files": 3,
        "max_queue": 2,
        "queue_share": 1.0,
    }
    with open_world(tmp_path, redis_url, encoders, **limits) as world:
        yield world


@pytest.fixture
def name(api: World) -> str:
    """A new collection."""
    return api.collection()


@pytest.fixture(autouse=True)
def _empty_queue(redis_url: str) -> Iterator[None]:
    with Redis.from_url(redis_url) as redis:
        redis.delete(*QUEUES)
        yield
        # Wrong keys of one test would else count against the worlds of the next module.
        for name in redis.scan_iter("samespace:rate:*"):
            redis.delete(name)
