"""The reconciler: whatever the records say is owed is done, though the queue forgot it or a worker died of it."""

import logging

from ingest.release import release
from ingest.withdraw import sweep, take_out
from samespace.core.types import State
from workers.app import BULK, SMALL
from workers.process import Process
from workers.submit import DOCUMENTS_PER_TASK

log = logging.getLogger(__name__)

LEASE = "reconciler"
_AT_ONCE = 1000
_DOCUMENTS_AT_ONCE = 10_000
_SILENT_WORKER_SECONDS = 3600
# Each change of a class on the page is a job, and its result holds passages.
_ENDED_JOB_SECONDS = 24 * 3600
# Longer than the index is waited for when a collection is made.
_UNMADE_SECONDS = 600


def reconcile(process: Process) -> None:
    """One pass; does nothing while another process holds the reconciler's lease."""
    seconds = process.tools.settings.reconcile_seconds
    if not process.tools.records.workers.hold(LEASE, process.owner, 3 * seconds):
        return
    _take_back_lapsed(process)
    _finish_deletions(process, silent_for=2 * seconds)
    _resubmit_waiting(process, silent_for=2 * seconds)
    _resubmit_jobs(process, silent_for=2 * seconds)
    _sweep_replaced(process)
    _take_out_leftovers(process)
    release(process.tools)
    process.tools.records.workers.forget_silent(_SILENT_WORKER_SECONDS)
    process.tools.records.sessions.prune()
    process.tools.records.jobs.prune(_ENDED_JOB_SECONDS)
    process.tools.records.audit.prune(process.tools.settings.audit_days)


def _take_back_lapsed(process: Process) -> None:
    """Work of workers that fell silent. Each document goes by itself now, so each needs a message."""
    records, settings = process.tools.records, process.tools.settings
    waiting, failed = records.claims.lapse(settings.max_attempts)
    process.queue.ingest(len(waiting) * DOCUMENTS_PER_TASK)
    if waiting or failed:
        log.warning("leases ran out: %d documents wait again, %d failed", len(waiting), len(failed))
    for job in records.jobs.lapse(settings.max_attempts):
        process.queue.job(job)


def _resubmit_waiting(process: Process, silent_for: float) -> None:
    """Documents that wait while the queue is shorter than what is owed: messages were lost, or came too early."""
    claims = process.tools.records.claims
    owed = claims.claims_owed(DOCUMENTS_PER_TASK, silent_for, _DOCUMENTS_AT_ONCE)
    missing = owed - process.queue.length(BULK)
    if missing > 0 and process.queue.ingest(missing * DOCUMENTS_PER_TASK):
        log.info("documents wait: %d messages sent again", missing)


def _resubmit_jobs(process: Process, silent_for: float) -> None:
    jobs = process.tools.records.jobs
    waiting = jobs.waiting(silent_for)
    if waiting and process.queue.length(SMALL) == 0:
        for job in waiting:
            if process.queue.job(job):
                jobs.submitted(job.id)


def _finish_deletions(process: Process, silent_for: float) -> None:
    claims = process.tools.records.claims
    ids = claims.waiting(State.DELETING, silent_for, _AT_ONCE)
    if ids and process.queue.delete(ids):
        claims.submitted(ids)
    process.tools.records.collections.give_up(_UNMADE_SECONDS)
    marked = process.tools.records.collections.all(State.DELETING)
    if marked and process.queue.length(SMALL) == 0:
        for collection in marked:
            process.queue.delete_collection(collection.id)


def _sweep_replaced(process: Process) -> None:
    """Old versions whose worker died between making the new one live and removing them."""
    tools = process.tools
    for doc in tools.records.claims.unswept(_AT_ONCE):
        sweep(doc, tools)


def _take_out_leftovers(process: Process) -> None:
    """Rows of failed and cancelled turns whose worker did not take them back; one that lives still may."""
    tools = process.tools
    for doc in tools.records.claims.leftovers(2 * tools.settings.lease_seconds, _AT_ONCE):
        take_out(doc, tools)
