"""kill -9 at every point that has a name: whatever was accepted becomes ready, each item stands once."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ingest.verify import Report, Stores, verify
from samespace.core.faults import POINTS
from samespace.core.types import State
from samespace.store.records import Collection
from tests.workers.farm import Farm, run_farm

pytestmark = pytest.mark.slow

AT_INGEST = ["work.claimed", "embed.parsed", "vectors.kept", "embed.indexed", "finish.ready"]
AT_DELETE = ["delete.unindexed", "delete.removed"]
MANY = 12


@pytest.fixture(scope="module")
def deaths(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a file named after a point is the next death at it."""
    return tmp_path_factory.mktemp("deaths")


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory, deaths: Path) -> Iterator[Farm]:
    faults = ",".join(f"{point}=kill:{deaths / point}" for point in [*AT_INGEST, *AT_DELETE])
    data = tmp_path_factory.mktemp("farm") / "data"
    with run_farm(data, faults=faults, lease_seconds=2, max_attempts=9) as running:
        running.start_nursery("worker")
        yield running


def test_every_point_has_its_death() -> None:
    elsewhere = {"accept.stored", "accept.recorded", "upload.write", "blobs.write"}
    assert {*AT_INGEST, *AT_DELETE} == POINTS - elsewhere


@pytest.mark.parametrize("point", AT_INGEST)
def test_a_worker_killed_while_it_ingests(farm: Farm, deaths: Path, point: str) -> None:
    """New documents, and new versions of others that are live by then."""
    collection = farm.collection(point.replace(".", "-"))
    names = [f"{number}.txt" for number in range(MANY)]
    add(farm, collection, [f"Lighthouse {name} stands." for name in names], names)
    farm.wait_for(collection, State.READY, MANY)
    (deaths / point).touch()
    add(farm, collection, [f"Lighthouse {name} was rebuilt." for name in names], names)
    add(farm, collection, [f"Heron {name} sleeps." for name in names])
    farm.wait_until(lambda: not (deaths / point).exists())
    assert_whole(farm, collection, 2 * MANY)


@pytest.mark.parametrize("point", AT_DELETE)
def test_a_worker_killed_while_it_deletes(farm: Farm, deaths: Path, point: str) -> None:
    collection = farm.collection(point.replace(".", "-"))
    ids = add(farm, collection, [f"Otter {number} dives." for number in range(MANY)])
    farm.wait_for(collection, State.READY, MANY)
    (deaths / point).touch()
    doomed = farm.parts.records.documents.doom(collection.id, ids[: MANY // 2])
    farm.queue.delete(doomed)
    farm.wait_until(lambda: not (deaths / point).exists())
    farm.wait_until(lambda: not farm.parts.records.documents.many(doomed))
    assert_whole(farm, collection, MANY // 2)


def add(
    farm: Farm, collection: Collection, texts: Sequence[str], names: Sequence[str] | None = None
) -> list[str]:
    ids = farm.accept(collection, texts, names)
    farm.queue.ingest(ids)
    return ids


def assert_whole(farm: Farm, collection: Collection, count: int) -> None:
    farm.wait_for(collection, State.READY, count)
    farm.wait_until(lambda: not farm.parts.records.turns.unswept(1))
    farm.assert_each_item_once(collection)
    assert farm.parts.records.documents.counts(collection.id) == {State.READY: count}
    assert check(farm).differences == ()


def check(farm: Farm) -> Report:
    """What a verify finds."""
    parts = farm.parts
    stores = Stores(parts.records, parts.blobs, parts.vectors, parts.index, parts.encoders)
    return verify(stores, repair=False, submit=farm.queue.ingest, must_stop=lambda: False)
