"""Jobs that nobody asked for and that have to be done."""

import logging
import time

from samespace.core.types import State
from workers.kinds import KINDS
from workers.kinds.kind import AnyKind, Due
from workers.process import Process
from workers.submit import submit_job

log = logging.getLogger(__name__)

# One that has failed is not begun anew at once.
_AGAIN_SECONDS = 60.0


def submit_due(process: Process) -> None:
    """Submit what is due of each kind, unless it waits already or is being done."""
    for kind in KINDS.values():
        for due in kind.due(process.services) if kind.due else ():
            if _is_new(kind, due, process):
                log.info("a job of kind %s is due", kind.name)
                records, queue = process.services.records, process.queue
                submit_job(kind, due.params, due.collection_id, records=records, queue=queue)


def _is_new(kind: AnyKind, due: Due, process: Process) -> bool:
    last = process.services.records.jobs.last(kind.name, due.collection_id)
    if last is None or last.state is State.READY:
        return True
    return last.finished_at is not None and last.finished_at < time.time() - _AGAIN_SECONDS
