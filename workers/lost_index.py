"""Indexes that are gone after an unclean stop, made before any document is worked on."""

import logging

from samespace.core.errors import Unavailable
from samespace.core.marks import Marks
from samespace.services import Services
from samespace.store.index_kinds import kind_of
from samespace.store.records import IndexRecord
from workers.process import Process

log = logging.getLogger(__name__)

_INDEX_LEASE, _INDEX_LEASE_SECONDS = "index", 60.0


def make_lost_index(process: Process) -> None:
    """Where a verify is owed, make the indexes that are gone or of an older release, empty, before any document is
    worked on: it would fail for want of them. What they held is the verify's business."""
    if Marks(process.services.settings.data).owed() is None:
        return
    while not process.stopping.is_set():
        try:
            if _is_index_there(process):
                return
        except Unavailable as error:
            log.warning("no document is begun before the index answers: %s", error)
        process.stopping.wait(1)


def _is_index_there(process: Process) -> bool:
    """Whether nothing is lost; what is, is made by whichever process holds the lease."""
    services, workers = process.services, process.services.records.workers
    if not _lost(services):
        return True
    if not workers.hold(_INDEX_LEASE, process.owner, _INDEX_LEASE_SECONDS):
        return False
    # Asked again: another process may just have made it and let go of the lease.
    for index in _lost(services):
        log.info("making the index %s", index.index_name)
        kind = kind_of(index, services.records, services.index)
        kind.drop(index)
        kind.create(index)
    workers.hold(_INDEX_LEASE, process.owner, 0)
    return True


def _lost(services: Services) -> list[IndexRecord]:
    indexes = [index for one in services.records.collections.all() for index in one.indexes]
    return [
        index
        for index in indexes
        if not kind_of(index, services.records, services.index).is_current(index)
    ]
