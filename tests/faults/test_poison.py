"""A document that kills its worker each time is tried a few times and then failed; its neighbours become ready."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from samespace.core.types import State
from tests.workers.farm import Farm, run_farm

pytestmark = pytest.mark.slow

NEIGHBOURS = [f"Note {number}: a lighthouse on the coast of Brittany." for number in range(60)]
POISON = "\n\n".join(f"Chapter {n}. " + "The tide comes and goes. " * 40 for n in range(200))


@pytest.fixture
def farm(tmp_path: Path) -> Iterator[Farm]:
    with run_farm(tmp_path / "data") as running:
        yield running


def test_a_document_that_kills_its_worker_fails_alone(farm: Farm) -> None:
    documents, collection = farm.services.records.documents, farm.collection("notes")
    ids = farm.accept(collection, [*NEIGHBOURS[:10], POISON, *NEIGHBOURS[10:]])
    poison = ids[10]
    farm.queue.ingest(len(ids))
    worker, deaths = farm.start_worker(), 0
    while (state := documents.many([poison])[poison].state) is not State.FAILED:
        if state is State.PROCESSING and worker.poll() is None:
            worker.kill()
            worker.wait()
            deaths += 1
            worker = farm.start_worker()
            _wait_for_the_lease(farm, poison)
    farm.wait_for(collection, State.READY, len(NEIGHBOURS), seconds=120)

    assert deaths == farm.settings.max_attempts
    assert documents.counts(collection.id) == {State.READY: len(NEIGHBOURS), State.FAILED: 1}
    assert documents.many([poison])[poison].reason == (
        "its worker died 3 times while it was at this document"
    )


def _wait_for_the_lease(farm: Farm, id: str) -> None:
    """Until the dead worker has lost the document: it would look as if the next one had it already."""
    documents, dead = (
        farm.services.records.documents,
        farm.services.records.documents.many([id])[id],
    )
    farm.wait_until(lambda: documents.many([id])[id].owner != dead.owner)
