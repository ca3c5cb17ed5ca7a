"""What a kind of job is: one decorated function, and what is said of it.

How a job is claimed, watched, stopped and ended is the business of `workers.run_job`, for all kinds alike.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from samespace.core.errors import NotFound
from samespace.core.progress import Progress
from samespace.core.settings import Settings
from samespace.core.wire import Model
from samespace.services import Services
from samespace.store.records import Collection, Job, Records
from samespace.store.records.keys import Scope
from search.caches import Caches

Given = TypeVar("Given", bound=BaseModel)
Made = TypeVar("Made", bound=BaseModel)


class Empty(Model):
    """Parameters, or a result, that say nothing."""


@dataclass(frozen=True, slots=True)
class JobRun:
    """A job that is being worked on: what its function works with, and whom it tells how far it is.

    `caches` are what classification keeps from one job to the next, `ingest` tells the queue that documents wait.
    """

    job: Job
    services: Services
    caches: Caches
    ingest: Callable[[int], object]
    report: Callable[[Progress], bool]

    @property
    def collection(self) -> Collection:
        """The collection the job is of; NotFound if it was deleted, or the job is of none."""
        if self.job.collection_id is None:
            raise NotFound(f"a job of kind {self.job.kind!r} is of one collection")
        return self.services.records.collections.get(self.job.collection_id)

    def progress(self, done: int, total: int, stage: str = "") -> bool:
        """Say how far it is; False: stop and answer None, for it was cancelled, or the worker is to stop."""
        return self.report(Progress(done, total, stage))


@dataclass(frozen=True, slots=True)
class Due:
    """A job that nobody asked for and that has to be done: of this collection, or of all."""

    collection_id: str | None = None
    params: BaseModel = field(default_factory=Empty)


@dataclass(frozen=True, slots=True)
class JobKind(Generic[Given, Made]):
    """A row of the registry; its fields are those of `job_kind`."""

    name: str
    params: type[Given]
    result: type[Made]
    run: Callable[[Given, JobRun], Made | None]
    scope: Scope | None
    is_once: bool
    can_cancel: bool
    can_pause: bool
    can_restart: bool
    is_beside: bool
    keeps_last: bool
    check: Callable[[Given, Settings], None] | None
    still: Callable[[Mapping[str, Any], Records], dict[str, Any]] | None
    due: Callable[[Services], Sequence[Due]] | None
    called_off: Callable[[Job, Records], None] | None


AnyKind = JobKind[Any, Any]


def job_kind(
    name: str,
    *,
    params: type[Given],
    result: type[Made],
    scope: Scope | None = Scope.WRITE,
    is_once: bool = False,
    can_cancel: bool = True,
    can_pause: bool = False,
    can_restart: bool = True,
    is_beside: bool = False,
    keeps_last: bool = False,
    check: Callable[[Given, Settings], None] | None = None,
    still: Callable[[Mapping[str, Any], Records], dict[str, Any]] | None = None,
    due: Callable[[Services], Sequence[Due]] | None = None,
    called_off: Callable[[Job, Records], None] | None = None,
) -> Callable[[Callable[[Given, JobRun], Made | None]], JobKind[Given, Made]]:
    """Make a function of (params, run) a kind of job, which answers its result, or None where it was stopped.

    name: at most 16 characters; it is in the records. scope: what a key needs to ask for one, None: nobody may ask.
    is_once: who asks while one is under way in the collection is given that one. can_cancel, can_pause: cancelled by
    its users; neither begun nor gone on with while its collection is paused. can_restart: begun anew where its worker
    died. is_beside: it takes long, and documents do not wait for it. keeps_last: its result stays until a later one
    replaces it, others for a day. check: InvalidRequest for parameters that make no sense. still: the result without
    what has been deleted since. due: what has to be done though nobody asked. called_off: what a cancel undoes beside
    ending it.
    """

    def decorate(run: Callable[[Given, JobRun], Made | None]) -> JobKind[Given, Made]:
        return JobKind(
            name=name,
            params=params,
            result=result,
            run=run,
            scope=scope,
            is_once=is_once,
            can_cancel=can_cancel,
            can_pause=can_pause,
            can_restart=can_restart,
            is_beside=is_beside,
            keeps_last=keeps_last,
            check=check,
            still=still,
            due=due,
            called_off=called_off,
        )

    return decorate
