"""Verifying: every store read once beside the records, in order, a bounded piece at a time."""

from collections.abc import Callable, Sequence

from samespace.core.progress import Report as OnProgress
from samespace.core.progress import unwatched
from samespace.operations.verify.blobs import check_blobs
from samespace.operations.verify.cached import check_cache
from samespace.operations.verify.items import check_collection
from samespace.operations.verify.models import check_models
from samespace.operations.verify.report import Report
from samespace.operations.verify.run import Run
from samespace.services import Services
from samespace.store.records import Collection

GRACE_SECONDS = 3600.0


def verify(
    services: Services,
    *,
    repair: bool = False,
    collection: str | None = None,
    grace: float = GRACE_SECONDS,
    submit: Callable[[list[str]], object] = lambda _: None,
    on_progress: OnProgress = unwatched,
) -> Report:
    """Hold index, vector cache and blobs against the records; with `repair`, mend what differs.

    A document whose items are missing or damaged is ingested again as a new generation, which encodes only
    what the vector cache lacks; its id is given to `submit`. What nobody refers to is removed. Whatever differs
    is looked at a second time in the records, so that work in flight is not taken for a fault; blobs and cached
    vectors younger than `grace` seconds are not judged. With `collection` only its items are checked: blobs
    and the vector cache belong to all. NotFound if there is no such collection, Unavailable if a store is not.
    """
    known = services.records.collections
    collections = known.all() if collection is None else [known.find(collection)]
    total = _expected(collections, services, everything=collection is None)
    run = Run(services, repair, grace, submit, on_progress, total)
    for one in collections:
        check_collection(one, run)
    if collection is None:
        check_cache(run)
        check_blobs(run)
        check_models(run)
    return run.ledger.report(complete=not run.was_stopped)


def _expected(collections: Sequence[Collection], services: Services, *, everything: bool) -> int:
    """About how many things will be looked at; thumbnails are no more than originals."""
    maps = services.records.maps
    items = sum(len(one.spaces) * maps.count_items(one.id) for one in collections)
    if not everything:
        return items
    documents = sum(services.records.documents.counts().values())
    return items + services.vectors.count() + documents + len(services.records.registry.files())
