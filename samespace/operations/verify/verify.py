"""Verifying: every store read once beside the records, in order, a bounded piece at a time."""

from collections.abc import Callable

from samespace.operations.verify.blobs import check_blobs
from samespace.operations.verify.cached import check_cache
from samespace.operations.verify.items import check_collection
from samespace.operations.verify.report import Report
from samespace.operations.verify.run import Run, Stores

GRACE_SECONDS = 3600.0


def verify(
    stores: Stores,
    *,
    repair: bool = False,
    collection: str | None = None,
    grace: float = GRACE_SECONDS,
    submit: Callable[[list[str]], object] = lambda _: None,
    must_stop: Callable[[], bool] = lambda: False,
) -> Report:
    """Hold index, vector cache and blobs against the records; with `repair`, mend what differs.

    A document whose items are missing or damaged is ingested again as a new generation, which encodes only
    what the vector cache lacks; its id is given to `submit`. What nobody refers to is removed. Whatever differs
    is looked at a second time in the records, so that work in flight is not taken for a fault; blobs and cached
    vectors younger than `grace` seconds are not judged. With `collection` only its items are checked: blobs
    and the vector cache belong to all. NotFound if there is no such collection, Unavailable if a store is not.
    """
    run = Run(stores, repair, grace, submit, must_stop)
    collections = stores.records.collections
    for one in collections.all() if collection is None else [collections.find(collection)]:
        check_collection(one, run)
    if collection is None:
        check_cache(run)
        check_blobs(run)
    return run.ledger.report(complete=not run.was_stopped)
