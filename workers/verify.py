"""The verify that nobody asked for: after an unclean stop, beside everything else a worker does."""

import logging
import time

from ingest.verify import Report, Stores, verify
from samespace.core.marks import Marks
from workers.process import Process

log = logging.getLogger(__name__)

LEASE = "verify"
# Renewed with every thousand things that are looked at; so long nobody goes on with it if its worker dies.
# An encoder may have to be loaded before the first thousand.
_LEASE_SECONDS = 120.0


def verify_if_owed(process: Process) -> None:
    """Verify and repair if the data folder says so; does nothing while another process is at it."""
    settings, workers = process.tools.settings, process.tools.records.workers
    marks = Marks(settings.data)
    owed = marks.owed()
    if owed is None or not workers.hold(LEASE, process.owner, _LEASE_SECONDS):
        return

    def must_stop() -> bool:
        return process.stopping.is_set() or not workers.hold(LEASE, process.owner, _LEASE_SECONDS)

    log.info("a stop was not clean or the index crashed: verifying index, vector cache and blobs")
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
