"""The reconciler: whatever the records say is owed is done, though the queue forgot it or a worker died of it."""

import logging

from ingest.change_model import finish_given_up, give_up_expired
from ingest.release import release
from ingest.withdraw import sweep, take_out
from samespace.core.types import State
from workers.app import BULK, SMALL
from workers.kinds import KINDS
from workers.process import Process
from workers.submit import DOCUMENTS_PER_TASK

log = logging.getLogger(__name__)

LEASE = "reconciler"
_AT_ONCE = 1000
_DOCUMENTS_AT_ONCE = 10_000
_SILENT_WORKER_SECONDS = 3600
# Each change of a class on the page is a job, and its result holds passages.
_ENDED_JOB_SECONDS = 24 * 3600
_RESULTS_AT_ONCE = 10
# Longer than the index is waited for when a collection is made.
_UNMADE_SECONDS = 600


def reconcile(process: Process) -> None:
    """One pass; does nothing while another process holds the reconciler's lease."""
    seconds = process.services.settings.reconcile_seconds
    if not process.services.records.workers.hold(LEASE, process.owner, 3 * seconds):
        return
    _take_back_lapsed(process)
    _finish_deletions(process, silent_for=2 * seconds)
    _resubmit_waiting(process, silent_for=2 * seconds)
    _resubmit_jobs(process, silent_for=2 * seconds)
    _sweep_replaced(process)
    _take_out_leftovers(process)
    release(process.services)
    process.services.records.workers.forget_silent(_SILENT_WORKER_SECONDS)
    process.services.records.sessions.prune()
    _prune_jobs(process)
    process.services.records.audit.prune(process.services.settings.audit_days)
    give_up_expired(process.services)
    finish_given_up(process.services)


def _take_back_lapsed(process: Process) -> None:
    """Work of workers that fell silent. Each document goes by itself now, so each needs a message."""
    records, settings = process.services.records, process.services.settings
    waiting, failed = records.claims.lapse(settings.max_attempts)
    process.queue.ingest(len(waiting) * DOCUMENTS_PER_TASK)
    if waiting or failed:
        log.warning("leases ran out: %d documents wait again, %d failed", len(waiting), len(failed))
    only_once = [kind.name for kind in KINDS.values() if not kind.can_restart]
    for job in records.jobs.lapse(settings.max_attempts, only_once):
        process.queue.job(job)


def _resubmit_waiting(process: Process, silent_for: float) -> None:
    """Documents that wait while the queue is shorter than what is owed: messages were lost, or came too early."""
    claims = process.services.records.claims
    owed = claims.claims_owed(DOCUMENTS_PER_TASK, silent_for, _DOCUMENTS_AT_ONCE)
    missing = owed - process.queue.length(BULK)
    if missing > 0 and process.queue.ingest(missing * DOCUMENTS_PER_TASK):
        log.info("documents wait: %d messages sent again", missing)


def _resubmit_jobs(process: Process, silent_for: float) -> None:
    jobs = process.services.records.jobs
    waiting = jobs.waiting(silent_for)
    if waiting and process.queue.length(SMALL) == 0:
        for job in waiting:
            if process.queue.job(job):
                jobs.submitted(job.id)


def _finish_deletions(process: Process, silent_for: float) -> None:
    claims = process.services.records.claims
    ids = claims.waiting(State.DELETING, silent_for, _AT_ONCE)
    if ids and process.queue.delete(ids):
        claims.submitted(ids)
    process.services.records.collections.give_up(_UNMADE_SECONDS)
    marked = process.services.records.collections.all(State.DELETING)
    if marked and process.queue.length(SMALL) == 0:
        for collection in marked:
            process.queue.delete_collection(collection.id)


def _sweep_replaced(process: Process) -> None:
    """Old versions whose worker died between making the new one live and removing them."""
    services = process.services
    for doc in services.records.claims.unswept(_AT_ONCE):
        sweep(doc, services)


def _take_out_leftovers(process: Process) -> None:
    """Rows of failed and cancelled turns whose worker did not take them back; one that lives still may."""
    services = process.services
    for doc in services.records.claims.leftovers(2 * services.settings.lease_seconds, _AT_ONCE):
        take_out(doc, services)


def _prune_jobs(process: Process) -> None:
    """Forget old jobs. A result that is kept is held against what is still there once a day: what was deleted is
    not shown by then, and now it is not kept either."""
    records = process.services.records
    records.jobs.prune(_ENDED_JOB_SECONDS, [one.name for one in KINDS.values() if one.keeps_last])
    shows = {one.name: one.still for one in KINDS.values() if one.still is not None}
    for job in records.jobs.unchecked(_ENDED_JOB_SECONDS, list(shows), _RESULTS_AT_ONCE):
        still = shows[job.kind](job.result or {}, records)
        records.jobs.checked(job.id, still)
