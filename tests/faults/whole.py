"""What has to hold after every fault, without a person's hand."""

from samespace.core.types import State
from samespace.operations.verify import verify
from samespace.store.records import Collection
from tests.workers.farm import Farm


def assert_whole(farm: Farm, collection: Collection, count: int) -> None:
    """So many documents are ready and no others there, each item stands in the index once, `verify` is clean."""
    farm.wait_for(collection, State.READY, count)
    farm.wait_until(lambda: not farm.services.records.claims.unswept(1))
    farm.assert_each_item_once(collection)
    assert farm.services.records.documents.counts(collection.id).get(State.READY, 0) == count
    services = farm.services
    assert verify(services).differences == ()


def url(farm: Farm) -> str:
    """Where its API is."""
    return f"http://127.0.0.1:{farm.settings.port}"
