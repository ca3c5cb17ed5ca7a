"""kill -9 at every point that has a name: whatever was accepted becomes ready, each item stands once."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest

from samespace.core.faults import POINTS
from samespace.core.types import State
from samespace.encoders.packed import folder_of
from samespace.operations.verify import verify
from samespace.store.blobs import MODELS
from samespace.store.records import Collection
from tests.encoders.tiny import write_tiny
from tests.faults.conftest import is_ready
from tests.faults.points import AT_CHANGE
from tests.faults.whole import assert_whole, url
from tests.workers.farm import Farm

pytestmark = pytest.mark.slow

AT_INGEST = ["work.claimed", "embed.parsed", "vectors.kept", "embed.indexed", "finish.ready"]
AT_DELETE = ["delete.unindexed", "delete.removed"]
MANY = 12
# How many are on record by then: those of a request that are small are recorded together.
AT_ACCEPT = {"upload.write": 0, "blobs.write": 0, "accept.stored": 0, "accept.recorded": MANY}
AT_CREATE = "collection.indexed"
AT_MODELS = ["model.packed", "model.fetched", "model.removed"]


def test_every_point_has_its_death() -> None:
    assert {*AT_INGEST, *AT_DELETE, *AT_ACCEPT, *AT_CHANGE, AT_CREATE, *AT_MODELS} == POINTS


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
    marked = farm.services.records.documents.mark_deleted(collection.id, ids[: MANY // 2])
    farm.queue.delete(marked)
    farm.wait_until(lambda: not (deaths / point).exists())
    farm.wait_until(lambda: not farm.services.records.documents.many(marked))
    assert_whole(farm, collection, MANY // 2)


@pytest.mark.parametrize(("point", "on_record"), AT_ACCEPT.items())
def test_the_api_killed_while_it_accepts(
    farm: Farm, deaths: Path, point: str, on_record: int
) -> None:
    """Nobody was told 'accepted': a document is on record with its bytes, or not at all; adding again is safe."""
    collection = farm.collection(point.replace(".", "-"))
    path = f"{url(farm)}/v1/collections/{collection.name}/documents"
    files = [("file", (f"{n}.txt", f"Seal {n} basks at {point}.".encode())) for n in range(MANY)]
    (deaths / point).touch()
    with pytest.raises(httpx.TransportError):
        httpx.post(path, files=files)
    farm.wait_until(lambda: is_ready(farm))
    assert_whole(farm, collection, on_record)
    assert httpx.post(path, files=files).status_code == httpx.codes.ACCEPTED
    assert_whole(farm, collection, MANY)


def test_the_api_killed_while_it_makes_a_collection(farm: Farm, deaths: Path) -> None:
    """Nothing of it is seen, the name is free at once, and what stands in the index is on record to be removed."""
    records, index = farm.services.records.collections, farm.services.index
    (deaths / AT_CREATE).touch()
    with pytest.raises(httpx.TransportError):
        httpx.post(f"{url(farm)}/v1/collections", json={"name": "unmade"})
    farm.wait_until(lambda: is_ready(farm))
    [unmade] = records.all(State.QUEUED)
    assert index.exists(unmade.spaces[0].index_name)
    made = httpx.post(f"{url(farm)}/v1/collections", json={"name": "unmade"})
    assert made.status_code == httpx.codes.CREATED
    assert records.give_up(0) == [unmade.id]
    farm.wait_until(lambda: not index.exists(unmade.spaces[0].index_name))
    farm.wait_until(lambda: not records.all(State.DELETING))


def test_processes_killed_over_a_model(farm: Farm, deaths: Path, tmp_path: Path) -> None:
    """The API while it adds one and while it fetches it, the worker while it lets go of its files: each time what was
    asked for is asked for again, and nothing is left over or missing."""
    packed, fetched, removed = (deaths / point for point in AT_MODELS)
    body = {"source": str(write_tiny(tmp_path)), "name": "tiny", "licence": "own"}
    packed.touch()
    with pytest.raises(httpx.TransportError):
        httpx.post(f"{url(farm)}/v1/models", json=body, timeout=60)
    farm.wait_until(lambda: is_ready(farm))
    assert farm.services.records.registry.all() == []
    assert httpx.post(f"{url(farm)}/v1/models", json=body, timeout=60).status_code == 201
    made = farm.services.records.registry.get("tiny")

    folder = folder_of(farm.settings.models, str(made.manifest))
    shutil.rmtree(folder)
    fetched.touch()
    wanted = {"name": "with-tiny", "preset": "tiny"}
    with pytest.raises(httpx.TransportError):
        httpx.post(f"{url(farm)}/v1/collections", json=wanted, timeout=60)
    farm.wait_until(lambda: is_ready(farm))
    assert not folder.exists()
    again = httpx.post(f"{url(farm)}/v1/collections", json=wanted, timeout=60)
    assert again.status_code == 201, again.text
    assert folder.exists()
    collection = farm.services.records.collections.find("with-tiny")
    add(farm, collection, [f"Puffin {number} nests." for number in range(MANY)])
    assert_whole(farm, collection, MANY)

    httpx.delete(f"{url(farm)}/v1/collections/with-tiny")
    removed.touch()
    assert httpx.delete(f"{url(farm)}/v1/models/tiny").status_code == 200
    farm.wait_until(lambda: not removed.exists())
    farm.wait_until(lambda: not list(farm.services.blobs.keys(MODELS)))
    farm.wait_until(farm.services.records.garbage.is_empty)
    assert verify(farm.services).differences == ()


def add(
    farm: Farm, collection: Collection, texts: Sequence[str], names: Sequence[str] | None = None
) -> list[str]:
    ids = farm.accept(collection, texts, names)
    farm.submit(ids)
    return ids
