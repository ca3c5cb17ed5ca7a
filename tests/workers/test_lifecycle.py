"""A real worker: called off in mid-document, paused, resumed, fair; and afterwards nothing is to be repaired."""

from collections.abc import Iterator

import pytest

from samespace.core.types import State
from samespace.operations.verify import verify
from samespace.store.records import Collection, Document
from tests.workers.farm import Farm, run_farm

pytestmark = pytest.mark.slow

LONG = "\n\n".join(f"Chapter {n}. " + "The tide comes and goes. " * 40 for n in range(120))


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    """With a worker; each test has collections of its own."""
    with run_farm(tmp_path_factory.mktemp("farm") / "data") as running:
        running.start_worker()
        yield running


def now(farm: Farm, id: str) -> Document:
    return farm.services.records.documents.many([id])[id]


def rows(farm: Farm, collection: Collection, id: str) -> int:
    (space,) = collection.spaces
    found = farm.services.index.scan(space.index_name)
    return sum(row.item.document_id == id for some, _ in found for row in some)


def assert_clean(farm: Farm) -> None:
    services = farm.services
    assert verify(services).differences == ()


def test_a_long_document_is_cancelled_in_its_middle_and_taken_up_again(farm: Farm) -> None:
    claims, collection = farm.services.records.claims, farm.collection("books")
    [id] = farm.accept(collection, [LONG])
    farm.queue.ingest(1)
    farm.wait_until(lambda: now(farm, id).items_done > 8)
    assert rows(farm, collection, id) > 0

    assert claims.cancel(collection.id, [id]) == [id]
    assert now(farm, id).state is State.CANCELLED
    farm.wait_until(lambda: not now(farm, id).has_leftovers, seconds=20)
    assert rows(farm, collection, id) == 0
    assert_clean(farm)

    assert claims.retry(collection.id, [id]) == [id]
    farm.queue.ingest(1)
    farm.wait_for(collection, State.READY, 1, seconds=180)
    farm.assert_each_item_once(collection)
    assert_clean(farm)


def test_a_paused_collection_waits_and_holds_nobody_up(farm: Farm) -> None:
    records = farm.services.records
    paused, other = farm.collection("paused"), farm.collection("other")
    records.collections.pause(paused.id)
    farm.queue.ingest(len(farm.accept(paused, [f"Note {n}." for n in range(40)])))
    farm.queue.ingest(len(farm.accept(other, ["Another note."])))
    farm.wait_for(other, State.READY, 1)
    farm.wait_until(lambda: farm.queue.length() == 0)  # those too many are used up
    assert records.documents.counts(paused.id) == {State.QUEUED: 40}

    records.collections.pause(paused.id, paused=False)  # the queue is not told: the reconciler is
    farm.wait_for(paused, State.READY, 40)
    assert_clean(farm)
