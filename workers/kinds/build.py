"""Filling the indexes of another model beside those that searches ask; and switching over once nothing is lacking."""

import time
from collections.abc import Sequence

from ingest.build import fill, sweep_strays
from ingest.change_model import switch_model
from samespace.core.errors import SamespaceError, Unavailable
from samespace.core.progress import Progress
from samespace.core.types import State
from samespace.core.wire import Model
from samespace.services import Services
from samespace.store.records import IndexRecord, Job, Records
from samespace.store.records.model_changes import NEW, ModelChange
from workers.kinds.kind import Due, Empty, JobRun, job_kind

NAME = "build"
# How often what came since is written to an index that nobody asks: to go back, or to swap, does it at once.
BUILT_SECONDS, RETIRED_SECONDS = 30.0, 300.0
_MOST_NAMED = 20
# While documents keep coming, a switch finds some lacking each time: from the third time on they are held back.
_ROUNDS, _HOLD_FROM = 30, 2
_HOLD_SECONDS = 10.0
_PATIENCE_SECONDS = 120.0
_LONGEST_PAUSE = 10.0


class NotTaken(Model):
    """A document that the new model cannot take, and why."""

    id: str
    name: str
    reason: str


def not_taken(collection_id: str, index_ids: Sequence[str], records: Records) -> list[NotTaken]:
    """The first documents that one of these indexes can hold nothing of."""
    failed = records.holdings.failed_in(collection_id, index_ids, _MOST_NAMED)
    return [NotTaken(id=one.id, name=one.name, reason=one.reason) for one in failed]


class Built(Model):
    """What filling came to: documents that stand in the indexes beside the live ones, and those that cannot, of which
    the first are named; whether searches ask the new model now."""

    documents: int
    failed_total: int
    failed: list[NotTaken]
    swapped: bool


def _owed(services: Services) -> Sequence[Due]:
    """Where an index beside the live ones lacks something, or nothing is lacking that a switch waits for."""
    return [
        Due(one.collection_id)
        for one in services.records.model_changes.all()
        if _is_time(one, services) and (one.wants or _lacks_something(one, services))
    ]


def _is_time(change: ModelChange, services: Services) -> bool:
    """Every document that comes would else be a job of its own. A build that ended for what is wrong with it waits for
    a person, who retries it."""
    last = services.records.jobs.last(NAME, change.collection_id)
    if last is None or last.finished_at is None:
        return True
    if last.state is State.FAILED and not change.is_switched:
        return False
    pause = RETIRED_SECONDS if change.is_switched else BUILT_SECONDS
    return change.wants is not None or last.finished_at < time.time() - pause


def _lacks_something(change: ModelChange, services: Services) -> bool:
    is_noted = services.records.holdings.is_noted
    return not all(is_noted(change.collection_id, id) for id in change.beside)


def _called_off(job: Job, records: Records) -> None:
    """A build that is cancelled takes what it has built along; what was retired is written along as long as it is
    kept."""
    change = records.model_changes.find(str(job.collection_id))
    if change is None:
        return
    if change.is_switched:
        records.model_changes.want(change.collection_id, None)
    else:
        records.model_changes.give_up(change.collection_id)


@job_kind(
    NAME,
    params=Empty,
    result=Built,
    scope=None,
    is_once=True,
    can_pause=True,
    is_beside=True,
    due=_owed,
    called_off=_called_off,
)
def build_job(_: Empty, run: JobRun) -> Built | None:
    """Fill what stands beside the live indexes until it lacks nothing, then switch where that is wanted."""
    records = run.services.records
    if run.job.attempt > 1 and not _swept(run):
        return None
    for number in range(_ROUNDS):
        change = records.model_changes.find(run.collection.id)
        if change is None:
            break
        if not _fill_all(change, run):
            return None
        if change.wants is None or _switch(change, run):
            break
        if number >= _HOLD_FROM:
            records.collections.hold(run.collection.id, _HOLD_SECONDS)
    return _built(run)


def _beside(change: ModelChange, run: JobRun) -> list[IndexRecord]:
    return [one for one in run.collection.indexes if one.id in change.beside]


def _swept(run: JobRun) -> bool:
    """Begun anew: what the one before had just written when it died may be nobody's."""
    change = run.services.records.model_changes.find(run.collection.id)
    return change is None or all(
        sweep_strays(one, run.services, lambda: run.progress(0, 0, "sweeping"))
        for one in _beside(change, run)
    )


def _fill_all(change: ModelChange, run: JobRun) -> bool:
    """One after the other, told as one piece of work."""
    owed = run.services.records.holdings.items_owed
    left = {one: owed(run.collection.id, one.id, one.modalities) for one in _beside(change, run)}
    before, total = 0, sum(left.values())
    for index, count in left.items():
        if not _fill(index, run, before, total):
            return False
        before += count
    return True


def _fill(index: IndexRecord, run: JobRun, before: int, total: int) -> bool:
    """Fill it, of so many items `before` of which are done; what does not answer is waited for, for a while."""
    failing_since: float | None = None
    done, pause = 0, 1.0

    def report(so_far: Progress) -> bool:
        nonlocal failing_since, pause, done
        if so_far.done > done:
            failing_since, pause, done = None, 1.0, so_far.done
        all_of_it = max(total, before + so_far.total)
        return run.report(Progress(before + so_far.done, all_of_it, so_far.stage))

    while True:
        try:
            return fill(index, run.collection, run.services, on_progress=report)
        except Unavailable as error:
            done = 0
            now = time.monotonic()
            failing_since = failing_since or now
            if now - failing_since > _PATIENCE_SECONDS:
                raise Unavailable(_named(index, error)) from error
            if not run.progress(0, 0, f"waiting: {error}"):
                return False
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
        except SamespaceError as error:
            raise type(error)(_named(index, error)) from error


def _named(index: IndexRecord, error: SamespaceError) -> str:
    return f"index {index.name!r} of model {index.space.model!r} cannot be filled: {error}"


def _switch(change: ModelChange, run: JobRun) -> bool:
    """Switch as it is wanted; False where documents came meanwhile. What cannot be held keeps it from happening,
    unless that was forced."""
    records, collection = run.services.records, run.collection
    to_new = change.wants == NEW
    lacking = switch_model(collection, to_new=to_new, force=change.force, services=run.services)
    if not lacking:
        records.collections.clear_back_off(collection.id)
        return True
    held_by = records.holdings.held_by
    if any(count > held_by(collection.id, id).failed for id, count in lacking.items()):
        return False
    records.model_changes.want(collection.id, None)
    return True


def _built(run: JobRun) -> Built:
    records, collection = run.services.records, run.collection
    change = records.model_changes.find(collection.id)
    if change is None:
        return Built(documents=0, failed_total=0, failed=[], swapped=False)
    holdings = records.holdings
    held = [holdings.held_by(collection.id, id).held for id in change.incoming]
    return Built(
        documents=min(held, default=0),
        failed_total=holdings.count_failed(collection.id, change.incoming),
        failed=not_taken(collection.id, change.incoming, records),
        swapped=change.is_switched,
    )
