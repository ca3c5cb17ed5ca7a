"""The verify that a worker does by itself after an unclean stop."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from samespace.core.marks import Marks
from samespace.core.types import State
from tests.workers.farm import Farm, run_farm

pytestmark = pytest.mark.slow

TEXTS = [f"Note {number}: the {number}th lighthouse of Brittany." for number in range(40)]


@pytest.fixture
def farm(tmp_path: Path) -> Iterator[Farm]:
    with run_farm(tmp_path / "data") as running:
        yield running


def test_what_the_index_lost_comes_back_by_itself(farm: Farm) -> None:
    """As after a kill in which Milvus Lite loses a segment: half of the rows are gone, others are nobody's."""
    collection = farm.collection("lighthouses")
    ids = farm.accept(collection, TEXTS)
    farm.start_worker()
    farm.wait_for(collection, State.READY, len(TEXTS))
    (space,) = collection.spaces
    farm.services.index.delete(space.index_name, ids[:20])
    farm.services.records.documents.mark_deleted(collection.id, ids[30:])
    for id in ids[30:]:
        farm.services.records.documents.remove(id)

    Marks(farm.settings.data).owe_verify()
    farm.wait_until(lambda: Marks(farm.settings.data).owed() is None)
    farm.wait_for(collection, State.READY, 30)

    assert farm.services.index.count(space.index_name) == 30
    farm.assert_each_item_once(collection)
    farm.wait_until(
        lambda: farm.services.vectors.count() == 30
    )  # nothing holds those of the others
    assert "20 documents are ingested again" in farm.worker_logs()
    assert "10 orphan-item, 10 repaired" in farm.worker_logs()
