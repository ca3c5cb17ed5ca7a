"""The reconciler: whatever the records say is owed is done, though the queue forgot it or a worker died of it."""

import logging

from ingest.finish import sweep
from ingest.spaces import open_spaces
from samespace.core.types import State
from workers.process import Process

log = logging.getLogger(__name__)

LEASE = "reconciler"
_AT_ONCE = 1000
_SILENT_WORKER_SECONDS = 3600


def reconcile(process: Process) -> None:
    """One pass; does nothing while another process holds the reconciler's lease."""
    seconds = process.tools.settings.reconcile_seconds
    if not process.tools.records.workers.hold(LEASE, process.owner, 3 * seconds):
        return
    _take_back_lapsed(process)
    _finish_deletions(process, silent_for=2 * seconds)
    if process.queue.length() == 0:
        _resubmit_waiting(process, silent_for=2 * seconds)
    _sweep_replaced(process)
    process.tools.records.workers.forget_silent(_SILENT_WORKER_SECONDS)
    process.tools.records.audit.prune(process.tools.settings.audit_days)


def _take_back_lapsed(process: Process) -> None:
    """Work of workers that fell silent. Each document goes alone: one that kills its worker harms no other."""
    records, settings = process.tools.records, process.tools.settings
    waiting, failed = records.turns.lapse(settings.max_attempts)
    for id in waiting:
        process.queue.ingest([id])
    if waiting or failed:
        log.warning("leases ran out: %d documents wait again, %d failed", len(waiting), len(failed))
    for job_id in records.jobs.lapse(settings.max_attempts):
        process.queue.classify(job_id)


def _resubmit_waiting(process: Process, silent_for: float) -> None:
    """Documents that wait while the queue is empty: their message was lost, or put back for later."""
    turns = process.tools.records.turns
    ids = turns.waiting(State.QUEUED, silent_for, _AT_ONCE)
    if ids and process.queue.ingest(ids):
        turns.submitted(ids)
        log.info("%d waiting documents submitted again", len(ids))
    for job_id in process.tools.records.jobs.waiting("classify", silent_for):
        if process.queue.classify(job_id):
            process.tools.records.jobs.submitted(job_id)


def _finish_deletions(process: Process, silent_for: float) -> None:
    turns = process.tools.records.turns
    ids = turns.waiting(State.DELETING, silent_for, _AT_ONCE)
    if ids and process.queue.delete(ids):
        turns.submitted(ids)
    for collection in process.tools.records.collections.all(State.DELETING):
        process.queue.delete_collection(collection.id)


def _sweep_replaced(process: Process) -> None:
    """Old versions whose worker died between making the new one live and removing them."""
    tools = process.tools
    for doc in tools.records.turns.unswept(_AT_ONCE):
        spaces = open_spaces(tools.records.collections.get(doc.collection_id), tools.encoders)
        sweep(doc, spaces, tools)
