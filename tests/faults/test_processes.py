"""A worker killed in mid-batch, a wiped queue, an index that dies: every document ends ready, each item stands once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from samespace.core.types import State
from tests.workers.farm import Farm, run_farm

pytestmark = pytest.mark.slow

TEXTS = [
    f"Note {number}: the {number}th lighthouse on the coast of Brittany." for number in range(400)
]


@pytest.fixture
def farm(tmp_path: Path) -> Iterator[Farm]:
    with run_farm(tmp_path / "data") as running:
        yield running


def test_killed_worker_strands_nothing(farm: Farm) -> None:
    collection = farm.collection("lighthouses")
    farm.submit(farm.accept(collection, TEXTS))
    victim = farm.start_worker()
    farm.wait_for(collection, State.READY, 1)
    assert farm.parts.records.documents.counts(collection.id).get(State.PROCESSING), (
        "not in mid-batch"
    )
    victim.kill()
    victim.wait()
    farm.start_worker()
    farm.wait_for(collection, State.READY, len(TEXTS))
    farm.assert_each_item_once(collection)


def test_wiped_queue_strands_nothing(farm: Farm) -> None:
    collection = farm.collection("lighthouses")
    farm.submit(farm.accept(collection, TEXTS[:100]))
    assert farm.queue.length() > 0
    farm.queue.redis.flushall()
    assert farm.queue.length() == 0
    farm.start_worker()
    farm.wait_for(collection, State.READY, 100)
    farm.assert_each_item_once(collection)


def test_killed_index_strands_nothing(farm: Farm) -> None:
    collection = farm.collection("lighthouses")
    farm.submit(farm.accept(collection, TEXTS))
    farm.start_worker()
    farm.wait_for(collection, State.READY, 1)
    farm.supervisor.watch_in_background()
    farm.kill("index")
    farm.wait_for(collection, State.READY, len(TEXTS))
    farm.assert_each_item_once(collection)


def test_two_workers_embed_nothing_twice(farm: Farm) -> None:
    collection = farm.collection("lighthouses")
    farm.start_worker()
    farm.start_worker()
    farm.submit(farm.accept(collection, TEXTS))
    farm.wait_for(collection, State.READY, len(TEXTS))
    farm.assert_each_item_once(collection)
    assert farm.parts.vectors.count() == len(TEXTS)
