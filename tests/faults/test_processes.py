"""A worker killed in mid-batch, a wiped queue, two workers: every document ends ready, each item stands once."""

from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from samespace.core.types import State
from samespace.store.records import Collection
from tests.faults.whole import assert_whole
from tests.workers.farm import Farm

pytestmark = pytest.mark.slow

MANY = 160


def texts(name: str, count: int = MANY) -> list[str]:
    """No other test has them, so that no vector is there beforehand."""
    return [f"Note {number} of {name}: a lighthouse of Brittany." for number in range(count)]


def pids(farm: Farm) -> list[int]:
    """Of the workers that were heard of lately, the newest last."""
    return [one.pid for one in farm.services.records.workers.alive(60)]


@contextmanager
def held_still(process: psutil.Process) -> Iterator[None]:
    process.suspend()
    try:
        yield
    finally:
        process.resume()


def catch_in_mid_batch(farm: Farm, collection: Collection, worker: psutil.Process) -> int:
    """Stop the worker when some of what it took are ready and others are not; how many were accepted by then."""
    for accepted in range(MANY, 6 * MANY, MANY):
        farm.submit(farm.accept(collection, texts(f"killed-worker {accepted}")))
        farm.wait_for(collection, State.READY, accepted - MANY + 1)
        worker.suspend()
        if farm.services.records.documents.counts(collection.id).get(State.PROCESSING):
            return accepted
        worker.resume()  # it was quicker than this process, on a busy machine
    pytest.fail("never in mid-batch")


def test_killed_worker_strands_nothing(farm: Farm) -> None:
    collection = farm.collection("killed-worker")
    victim = psutil.Process(pids(farm)[-1])
    accepted = catch_in_mid_batch(farm, collection, victim)
    victim.kill()
    assert_whole(farm, collection, accepted)


def test_wiped_queue_strands_nothing(farm: Farm) -> None:
    collection = farm.collection("wiped-queue")
    with held_still(psutil.Process(pids(farm)[-1])):
        farm.submit(farm.accept(collection, texts("wiped-queue", 100)))
        assert farm.queue.length() > 0
        farm.queue.redis.flushall()
        assert farm.queue.length() == 0
    assert_whole(farm, collection, 100)


def test_two_workers_embed_nothing_twice(farm: Farm) -> None:
    collection = farm.collection("two-workers")
    encoded = farm.services.vectors.count()
    second = farm.start_worker()
    farm.wait_until(lambda: second.pid in pids(farm))
    farm.submit(farm.accept(collection, texts("two-workers")))
    assert_whole(farm, collection, MANY)
    assert farm.services.vectors.count() == encoded + MANY
    second.terminate()
    second.wait(60)
