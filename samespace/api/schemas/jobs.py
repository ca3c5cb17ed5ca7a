"""Work that goes on after its request."""

import operator
from functools import reduce
from typing import TYPE_CHECKING, Any

from samespace.core.wire import Model, Word
from workers.kinds import KINDS

if TYPE_CHECKING:
    JobResult = Any
else:
    # What a job of each kind comes to, and what one of an older release did.
    JobResult = reduce(operator.or_, [*(kind.result for kind in KINDS.values()), dict[str, Any]])


class FailedDocument(Model):
    """A document that failed, and why."""

    id: str
    name: str
    reason: str | None


class WarnedDocument(Model):
    """A document that was read, and what was odd about it or was lost."""

    id: str
    name: str
    warnings: list[str]


class JobView(Model):
    """A job and how far it has got; `documents` counts those of an ingest job by state, `result` is what a job of
    another kind came to (as it was then, where an older release made it). `collection` is null where it is of all,
    `stage` what it is doing now, where it says so.

    `paused`: it has documents left, or waits, because its collection is paused. `failed` and `warned` name the first
    20; `warned_total` counts all that were read with warnings.
    """

    id: str
    kind: str
    collection: str | None
    paused: bool
    state: str
    documents: dict[str, int] | None
    done: int
    total: int
    items_done: int
    items_per_second: float | None
    seconds_left: float | None
    reason: str | None
    stage: str | None
    result: JobResult | None
    failed: list[FailedDocument]
    warned: list[WarnedDocument]
    warned_total: int
    created_at: str
    finished_at: str | None


class JobList(Model):
    """The newest jobs first."""

    jobs: list[JobView]


class JobBody(Model):
    """A job of a kind, and what that kind takes."""

    kind: Word
    params: dict[str, Any] = {}


class JobId(Model):
    """Work that was begun."""

    job_id: str
