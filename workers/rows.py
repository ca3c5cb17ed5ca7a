"""Index rows that an older release left: one worker writes them anew, beside everything else."""

import logging
import time

from ingest.renew_rows import renew_rows
from samespace.core.errors import NotFound
from samespace.store.records import Collection
from samespace.store.rows import ROWS_VERSION
from workers.process import Process

log = logging.getLogger(__name__)

LEASE = "rows"
# Renewed with every few hundred rows.
_LEASE_SECONDS = 120.0


def renew_rows_if_owed(process: Process) -> None:
    """Go through the collections whose rows are behind; does nothing while another process is at it."""
    tools, workers = process.tools, process.tools.records.workers
    behind = [
        one
        for one in tools.records.collections.all()
        if any(index.rows_version < ROWS_VERSION for index in one.indexes)
    ]
    if not behind or not workers.hold(LEASE, process.owner, _LEASE_SECONDS):
        return
    for collection in behind:
        _renew(collection, process)
    workers.hold(LEASE, process.owner, 0)


def _renew(collection: Collection, process: Process) -> None:
    tools = process.tools

    def must_stop() -> bool:
        held = tools.records.workers.hold(LEASE, process.owner, _LEASE_SECONDS)
        return process.stopping.is_set() or not held

    log.info("collection %s: index rows of an older release are written anew", collection.name)
    began = time.monotonic()
    try:
        done = renew_rows(collection, tools.records, tools.index, must_stop=must_stop)
    except NotFound as error:
        # Deleted meanwhile, or its index is lost, which a verify makes again.
        log.info("collection %s: %s", collection.name, error)
        return
    how = "are written" if done else "are left for another time"
    log.info("collection %s: rows %s, %.1f s", collection.name, how, time.monotonic() - began)
