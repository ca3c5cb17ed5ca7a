"""What holds for jobs of every kind: claimed once, watched, stopped, ended, begun anew where a worker died."""

import logging
import threading
from collections.abc import Callable

from pydantic import ValidationError

from samespace.core.errors import NotFound, SamespaceError, Unavailable
from samespace.core.progress import Progress
from samespace.store.records import Job
from workers.kinds import KINDS
from workers.kinds.kind import AnyKind, JobRun
from workers.process import Process

log = logging.getLogger(__name__)


def start_job(job_id: str, process: Process) -> None:
    """Do a job that waits. One that takes long goes on in a thread for these, and documents do not wait for it; while
    that thread is at another one it stays where it is, and the thread comes to it."""
    try:
        job = process.services.records.jobs.get(job_id)
    except NotFound:
        return
    if not _is_beside(job):
        run_job(job, process)
    elif process.beside.acquire(blocking=False):
        threading.Thread(
            target=_run_beside, args=[job, process], name="beside", daemon=True
        ).start()


def _is_beside(job: Job) -> bool:
    kind = KINDS.get(job.kind)
    return kind is not None and kind.is_beside


def _run_beside(job: Job | None, process: Process) -> None:
    """This job and then others of its sort that wait, one at a time, each once."""
    seen: set[str] = set()
    try:
        while job is not None and not process.stopping.is_set():
            seen.add(job.id)
            run_job(job, process)
            waiting = process.services.records.jobs.waiting(silent_for=0)
            job = next((one for one in waiting if _is_beside(one) and one.id not in seen), None)
    finally:
        process.beside.release()


def run_job(job: Job, process: Process) -> None:
    """Claim a job, do it and end it; does nothing if it does not wait any more, or its collection is paused."""
    records, kind = process.services.records, KINDS.get(job.kind)
    if kind is not None and _is_paused(kind, job, process):
        return
    claimed = records.jobs.claim(job.id, process.owner, process.services.settings.lease_seconds)
    if claimed is None:
        return
    if kind is None:
        records.jobs.fail(job.id, process.owner, f"this release knows no jobs of kind {job.kind!r}")
        return
    with process.holding_job(job.id):
        _do(kind, claimed, process)


def _is_paused(kind: AnyKind, job: Job, process: Process) -> bool:
    """Whether it waits until its collection is resumed; the reconciler sends for it again."""
    if not kind.can_pause or job.collection_id is None:
        return False
    return process.services.records.collections.get(job.collection_id).paused


def _do(kind: AnyKind, job: Job, process: Process) -> None:
    """A job that fails for what is wrong with it has failed; for anything else it is begun again, a few times."""
    jobs, owner = process.services.records.jobs, process.owner
    try:
        _end(kind, job, process)
    except Unavailable as error:
        log.warning("job %s waits again when its lease runs out: %s", job.id, error)
        _give_up(job, process, str(error))
    except SamespaceError as error:
        jobs.fail(job.id, owner, str(error))
    except ValidationError as error:
        log.warning("job %s: %s", job.id, error)
        jobs.fail(job.id, owner, f"this release does not take what this {kind.name} job was given")
    except Exception:
        log.exception("job %s waits again when its lease runs out", job.id)
        _give_up(job, process, "it went wrong each time; the log of its worker says how")


def _end(kind: AnyKind, job: Job, process: Process) -> None:
    """Without a result it was cancelled, or its worker is to stop, and then it waits for another one."""
    jobs, owner = process.services.records.jobs, process.owner
    stopped: list[bool] = []
    report = _report_of(kind, job, process, stopped)
    run = JobRun(job, process.services, process.caches, process.queue.ingest, report)
    made = kind.run(kind.params.model_validate(dict(job.params)), run)
    if made is not None:
        jobs.finish(job.id, owner, made.model_dump(mode="json"))
    elif stopped:
        jobs.put_back(job.id, owner)
    else:
        raise SamespaceError(f"the {kind.name} job ended without a result")


def _report_of(
    kind: AnyKind, job: Job, process: Process, stopped: list[bool]
) -> Callable[[Progress], bool]:
    """Notes how far a job is; False once it is no longer ours, its collection is paused, or the process is told to
    stop."""
    jobs, lease = process.services.records.jobs, process.services.settings.lease_seconds

    def report(so_far: Progress) -> bool:
        is_ours = jobs.progress(job.id, process.owner, so_far, lease)
        if process.stopping.is_set() or not is_ours or _is_paused(kind, job, process):
            stopped.append(True)
        return not stopped

    return report


def _give_up(job: Job, process: Process, reason: str) -> None:
    """Fail it if it was begun often enough; else it waits again when its lease runs out."""
    if job.attempt >= process.services.settings.max_attempts:
        process.services.records.jobs.fail(job.id, process.owner, reason)
