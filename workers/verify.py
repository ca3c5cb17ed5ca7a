"""The verify that nobody asked for: after an unclean stop, beside everything else a worker does."""

import logging
import time

from ingest.tools import Tools
from samespace.core.errors import Unavailable
from samespace.core.marks import Marks
from samespace.operations.verify import Report, Stores, verify
from samespace.store.index_kinds import kind_of
from samespace.store.records import IndexRecord
from workers.process import Process

log = logging.getLogger(__name__)

LEASE = "verify"
# Renewed with every thousand things that are looked at; so long nobody goes on with it if its worker dies.
# An encoder may have to be loaded before the first thousand.
_LEASE_SECONDS = 120.0
_INDEX_LEASE, _INDEX_LEASE_SECONDS = "index", 60.0


def verify_if_owed(process: Process) -> None:
    """Verify and repair if the data folder says so; does nothing while another process is at it."""
    settings, workers = process.tools.settings, process.tools.records.workers
    marks = Marks(settings.data)
    owed = marks.owed()
    if owed is None or not workers.hold(LEASE, process.owner, _LEASE_SECONDS):
        return

    def must_stop() -> bool:
        return process.stopping.is_set() or not workers.hold(LEASE, process.owner, _LEASE_SECONDS)

    log.info("a verify is owed: looking at index, vector cache and blobs")
    began = time.monotonic()
    report = verify(
        _stores(process),
        repair=True,
        submit=lambda ids: process.queue.ingest(len(ids)),
        must_stop=must_stop,
    )
    _say(report, time.monotonic() - began)
    if report.complete:
        marks.verified(owed)
    workers.hold(LEASE, process.owner, 0)


def make_lost_index(process: Process) -> None:
    """Where a verify is owed, make the indexes that are gone or of an older release, empty, before any document is
    worked on: it would fail for want of them. What they held is the verify's business."""
    if Marks(process.tools.settings.data).owed() is None:
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
    tools, workers = process.tools, process.tools.records.workers
    if not _lost(tools):
        return True
    if not workers.hold(_INDEX_LEASE, process.owner, _INDEX_LEASE_SECONDS):
        return False
    # Asked again: another process may just have made it and let go of the lease.
    for index in _lost(tools):
        log.info("making the index %s", index.index_name)
        kind = kind_of(index, tools.records, tools.index)
        kind.drop(index)
        kind.create(index)
    workers.hold(_INDEX_LEASE, process.owner, 0)
    return True


def _lost(tools: Tools) -> list[IndexRecord]:
    indexes = [index for one in tools.records.collections.all() for index in one.indexes]
    return [
        index
        for index in indexes
        if not kind_of(index, tools.records, tools.index).is_current(index)
    ]


def _stores(process: Process) -> Stores:
    tools = process.tools
    return Stores(tools.records, tools.blobs, tools.vectors, tools.index, tools.encoders)


def _say(report: Report, seconds: float) -> None:
    for one in report.differences:
        where = "/".join(name for name in (one.collection, one.space) if name) or "all"
        log.warning(
            "verify: %s: %d %s, %d repaired, such as %s",
            where,
            one.found,
            one.kind,
            one.repaired,
            one.examples[0],
        )
    log.info(
        "verify %s after %.1f s: %d items, %d cached vectors, %d blobs; %d documents are ingested again",
        "ended" if report.complete else "was stopped",
        seconds,
        report.items,
        report.vectors,
        report.blobs,
        report.rewritten,
    )
