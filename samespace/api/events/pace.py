"""How fast work goes and how long it will take, from what the records say."""

from dataclasses import dataclass

from samespace.core.types import State
from samespace.store.records import Document, Job
from samespace.store.records.jobs import Tally


@dataclass(frozen=True, slots=True)
class Pace:
    """Items per second since the work began, and seconds until it is done; None where nobody can tell."""

    items_per_second: float | None = None
    seconds_left: float | None = None


def document_pace(document: Document, now: float) -> Pace:
    """The pace of one document, `now` in seconds since the epoch."""
    end = document.finished_at or now
    if document.state is not State.PROCESSING:
        return Pace(_rate(document.items_done, document.started_at, end))
    total = document.items_total
    left = None if total is None else float(total - document.items_done)
    return _pace(document.items_done, left, document.started_at, end)


def job_pace(tally: Tally, now: float) -> Pace:
    """The pace of an ingest job; documents not opened yet count by the mean of the others."""
    if not is_pending(tally):
        return Pace(_rate(tally.items_done, tally.started_at, tally.finished_at or now))
    return _pace(tally.items_done, _items_left(tally), tally.started_at, now)


def own_pace(job: Job, now: float) -> Pace:
    """The pace of a job that is no ingest, since it was last begun."""
    if job.state is not State.PROCESSING or not job.total:
        return Pace()
    return _pace(job.done, float(job.total - job.done), job.started_at, now)


def is_pending(tally: Tally) -> bool:
    """Whether documents of the job still wait or are being worked on."""
    return bool(tally.states.get(State.QUEUED) or tally.states.get(State.PROCESSING))


def job_state(tally: Tally) -> State:
    """The state of an ingest job: ready if nothing is left to do, but failed or cancelled if all documents are.

    Some of each count as cancelled: somebody's hand ended it.
    """
    states = {state for state, count in tally.states.items() if count} - {State.DELETING}
    if states == {State.QUEUED}:
        return State.QUEUED
    if is_pending(tally):
        return State.PROCESSING
    if states and states <= {State.FAILED, State.CANCELLED}:
        return State.CANCELLED if State.CANCELLED in states else State.FAILED
    return State.READY


def _items_left(tally: Tally) -> float | None:
    if not tally.unsized:
        return float(tally.items_left)
    if tally.mean_items is None:
        return None
    return tally.items_left + tally.unsized * tally.mean_items


def _pace(done: int, left: float | None, start: float | None, end: float) -> Pace:
    rate = _rate(done, start, end)
    if not rate or left is None:
        return Pace(rate)
    return Pace(rate, max(left, 0.0) / rate)


def _rate(done: int, start: float | None, end: float) -> float | None:
    if start is None or end <= start or not done:
        return None
    return done / (end - start)
