"""Jobs in the records."""

import time
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Engine,
    Select,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from samespace.core.errors import NotFound
from samespace.core.progress import Progress
from samespace.core.types import State
from samespace.store.records.documents import HAS_WARNINGS
from samespace.store.records.rows import Job
from samespace.store.records.tables import documents, jobs
from samespace.store.sql import reading, serialise, writing

_UNFINISHED = frozenset({State.QUEUED, State.PROCESSING})


@dataclass(frozen=True, slots=True)
class Tally:
    """The documents of an ingest job: how many in each state and with warnings, their items, and the times of the work.

    Of the unfinished documents, `items_left` are to be embedded of those that were opened, and `unsized`
    were not opened yet; `mean_items` is the mean of all that were.
    """

    states: Mapping[State, int]
    items_done: int
    started_at: float | None
    finished_at: float | None
    items_left: int
    unsized: int
    mean_items: float | None
    warned: int = 0


class Jobs:
    """Pieces of asked-for work."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def create(
        self, id: str, collection_id: str | None, kind: str, params: Mapping[str, Any]
    ) -> Job:
        """A new job that waits."""
        row = _new(id, collection_id, kind, params)
        with writing(self._engine) as connection:
            made = connection.execute(insert(jobs).values(row).returning(jobs)).mappings().one()
            return _job(made)

    def create_once(
        self, id: str, collection_id: str | None, kind: str, params: Mapping[str, Any]
    ) -> Job:
        """The job of this kind that is under way in the collection; a new one where there is none."""
        under_way = select(jobs).where(
            *_of(kind, collection_id), jobs.c.state.in_(list(_UNFINISHED))
        )
        with writing(self._engine) as connection:
            serialise(connection, f"job {kind} {collection_id}")
            row = connection.execute(under_way.limit(1)).mappings().first()
            if row is None:
                new = insert(jobs).values(_new(id, collection_id, kind, params))
                row = connection.execute(new.returning(jobs)).mappings().one()
            return _job(row)

    def last(
        self, kind: str, collection_id: str | None, *, state: State | None = None
    ) -> Job | None:
        """The newest job of a kind in a collection, in this state if one is given; None if there was none lately."""
        query = select(jobs).where(*_of(kind, collection_id)).order_by(jobs.c.created_at.desc())
        if state is not None:
            query = query.where(jobs.c.state == state)
        with reading(self._engine) as connection:
            row = connection.execute(query.limit(1)).mappings().first()
        return None if row is None else _job(row)

    def join(self, id: str, collection_id: str) -> Job:
        """The ingest job of that id in a collection, made where there is none; NotFound if it is another's."""
        with suppress(IntegrityError):
            return self.create(id, collection_id, kind="ingest", params={})
        found = self.get(id)
        if (found.collection_id, found.kind) != (collection_id, "ingest"):
            raise NotFound(f"there is no job {id!r} that takes documents of this collection")
        return found

    def get(self, id: str) -> Job:
        """One job; NotFound."""
        with reading(self._engine) as connection:
            row = connection.execute(select(jobs).where(jobs.c.id == id)).mappings().first()
        if row is None:
            raise NotFound(f"there is no job {id!r}")
        return _job(row)

    def newest(
        self,
        collection_ids: Iterable[str] | None = None,
        limit: int = 50,
        *,
        with_general: bool = False,
    ) -> list[Job]:
        """The newest jobs, of some collections or of all; `with_general`: also those that are of no single one."""
        query = select(jobs).order_by(jobs.c.created_at.desc(), jobs.c.id).limit(limit)
        if collection_ids is not None:
            of_some = jobs.c.collection_id.in_(list(collection_ids))
            general = jobs.c.collection_id.is_(None)
            query = query.where(or_(of_some, general) if with_general else of_some)
        with reading(self._engine) as connection:
            return [_job(row) for row in connection.execute(query).mappings()]

    def beside_ingest(self, collection_id: str, since: float) -> list[Job]:
        """The jobs of other kinds in a collection that are unfinished, or ended after `since`; newest first."""
        query = select(jobs).where(
            jobs.c.collection_id == collection_id,
            jobs.c.kind != "ingest",
            or_(jobs.c.state.in_(_UNFINISHED), jobs.c.finished_at > since),
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(jobs.c.created_at.desc())).mappings()
            return [_job(row) for row in rows]

    def tally(self, id: str) -> Tally:
        """How far the documents of an ingest job have got."""
        query = select(
            documents.c.state,
            func.count(),
            func.sum(documents.c.items_done),
            func.min(documents.c.started_at),
            func.max(documents.c.finished_at),
            func.sum(documents.c.items_total),
            func.count(documents.c.items_total),
            func.count().filter(HAS_WARNINGS),
        ).where(documents.c.job_id == id)
        with reading(self._engine) as connection:
            rows = connection.execute(query.group_by(documents.c.state)).all()
        sized = sum(row[6] for row in rows)
        return Tally(
            states={State(row[0]): row[1] for row in rows},
            warned=sum(row[7] for row in rows),
            items_done=sum(row[2] or 0 for row in rows),
            started_at=min((row[3] for row in rows if row[3] is not None), default=None),
            finished_at=max((row[4] for row in rows if row[4] is not None), default=None),
            items_left=sum((row[5] or 0) - row[2] for row in rows if row[0] in _UNFINISHED),
            unsized=sum(row[1] - row[6] for row in rows if row[0] in _UNFINISHED),
            mean_items=sum(row[5] or 0 for row in rows) / sized if sized else None,
        )

    def claim(self, id: str, owner: str, seconds: float) -> Job | None:
        """Take a job that waits; None if it does not."""
        change = (
            update(jobs)
            .where(jobs.c.id == id, jobs.c.state == State.QUEUED)
            .values(
                state=State.PROCESSING,
                owner=owner,
                lease_until=time.time() + seconds,
                attempt=jobs.c.attempt + 1,
                started_at=time.time(),
            )
            .returning(jobs)
        )
        with writing(self._engine) as connection:
            row = connection.execute(change).mappings().first()
        return None if row is None else _job(row)

    def progress(self, id: str, owner: str, so_far: Progress, seconds: float) -> bool:
        """Note how far it is and extend the lease; False if it is no longer ours."""
        values = {
            "done": so_far.done,
            "total": so_far.total,
            "stage": so_far.stage or None,
            "lease_until": time.time() + seconds,
        }
        return self._change(id, owner, values)

    def renew(self, owner: str, seconds: float, ids: Collection[str]) -> None:
        """Extend the leases of jobs that are being worked on."""
        ours = (jobs.c.id.in_(list(ids)), jobs.c.owner == owner, jobs.c.state == State.PROCESSING)
        values = {"lease_until": time.time() + seconds}
        with writing(self._engine) as connection:
            connection.execute(update(jobs).where(*ours).values(values))

    def put_back(self, id: str, owner: str) -> bool:
        """Let it wait again, as if it had not been begun: its worker stops."""
        values = {"state": State.QUEUED, "owner": None, "lease_until": None, "done": 0}
        return self._change(id, owner, values | {"attempt": jobs.c.attempt - 1, "stage": None})

    def finish(self, id: str, owner: str, result: Mapping[str, Any]) -> bool:
        """End it well: all of it is done, where it was known how much that is."""
        all_of_it = case((jobs.c.total > 0, jobs.c.total), else_=jobs.c.done)
        values = {"result": dict(result), "done": all_of_it}
        return self._change(id, owner, _ended(State.READY) | values)

    def fail(self, id: str, owner: str, reason: str) -> bool:
        """End it badly."""
        return self._change(id, owner, _ended(State.FAILED) | {"reason": reason})

    def cancel(self, id: str) -> bool:
        """Call it off; whoever works on it hears of it with its next progress. False if it had ended."""
        return self._move(id, _UNFINISHED, _ended(State.CANCELLED))

    def retry(self, id: str) -> bool:
        """Let it wait again if it failed or was cancelled; False if neither."""
        again = {"state": State.QUEUED, "reason": None, "result": None, "finished_at": None}
        begun = {"attempt": 0, "done": 0, "stage": None, "submitted_at": time.time()}
        return self._move(id, {State.FAILED, State.CANCELLED}, again | begun)

    def lapse(self, max_attempts: int, only_once: Collection[str] = ()) -> list[Job]:
        """Take jobs from workers whose lease ran out; answers those that wait again, none of the kinds `only_once`."""
        lapsed = (jobs.c.state == State.PROCESSING, jobs.c.lease_until < time.time())
        failed = (
            (jobs.c.kind.in_(list(only_once)), "its worker died, and it is not begun again"),
            (jobs.c.attempt >= max_attempts, f"its worker died {max_attempts} times"),
        )
        with writing(self._engine) as connection:
            for which, reason in failed:
                values = _ended(State.FAILED) | {"reason": reason}
                connection.execute(update(jobs).where(*lapsed, which).values(values))
            waiting = connection.execute(
                update(jobs)
                .where(*lapsed)
                .values(state=State.QUEUED, owner=None, lease_until=None)
                .returning(jobs)
            )
            return [_job(row) for row in waiting.mappings()]

    def prune(self, seconds: float, keep_last: Collection[str] = ()) -> int:
        """Forget jobs with a result of their own that ended longer ago than that; answers how many.

        Of the kinds `keep_last` the last result in each collection stays. Ingest jobs stay: their documents carry
        their ids.
        """
        too_old = delete(jobs).where(
            jobs.c.kind != "ingest",
            jobs.c.finished_at < time.time() - seconds,
            jobs.c.id.not_in(_last_results(keep_last)),
        )
        with writing(self._engine) as connection:
            return connection.execute(too_old).rowcount

    def unchecked(self, seconds: float, kinds: Collection[str], limit: int) -> list[Job]:
        """Jobs of these kinds whose result was made, and last looked through, longer ago than that."""
        then = time.time() - seconds
        query = select(jobs).where(
            jobs.c.kind.in_(list(kinds)),
            jobs.c.state == State.READY,
            func.coalesce(jobs.c.checked_at, jobs.c.finished_at) < then,
        )
        with reading(self._engine) as connection:
            return [_job(row) for row in connection.execute(query.limit(limit)).mappings()]

    def checked(self, id: str, result: Mapping[str, Any]) -> None:
        """Note that a kept result was looked through, and what is left of it."""
        values = {"result": dict(result), "checked_at": time.time()}
        with writing(self._engine) as connection:
            connection.execute(update(jobs).where(jobs.c.id == id).values(values))

    def waiting(self, silent_for: float) -> list[Job]:
        """Jobs with a message of their own that wait and whose message was sent longer ago than that."""
        query = select(jobs).where(
            jobs.c.kind != "ingest",
            jobs.c.state == State.QUEUED,
            jobs.c.submitted_at < time.time() - silent_for,
        )
        with reading(self._engine) as connection:
            return [_job(row) for row in connection.execute(query).mappings()]

    def submitted(self, id: str) -> None:
        """Note that the queue has just been told of it."""
        with writing(self._engine) as connection:
            connection.execute(update(jobs).where(jobs.c.id == id).values(submitted_at=time.time()))

    def _move(self, id: str, states: Collection[State], values: Mapping[str, Any]) -> bool:
        change = update(jobs).where(jobs.c.id == id, jobs.c.state.in_(list(states)))
        with writing(self._engine) as connection:
            return connection.execute(change.values(dict(values))).rowcount == 1

    def _change(self, id: str, owner: str, values: Mapping[str, Any]) -> bool:
        ours = (jobs.c.id == id, jobs.c.owner == owner, jobs.c.state == State.PROCESSING)
        with writing(self._engine) as connection:
            return connection.execute(update(jobs).where(*ours).values(dict(values))).rowcount == 1


def _of(kind: str, collection_id: str | None) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return jobs.c.kind == kind, jobs.c.collection_id.is_not_distinct_from(collection_id)


def _last_results(kinds: Collection[str]) -> Select[tuple[str]]:
    """The ids of the jobs of these kinds whose result no later one in their collection has replaced."""
    newest_first = func.row_number().over(
        partition_by=(jobs.c.collection_id, jobs.c.kind), order_by=jobs.c.finished_at.desc()
    )
    with_result = select(jobs.c.id, newest_first.label("place")).where(
        jobs.c.kind.in_(list(kinds)), jobs.c.state == State.READY
    )
    ranked = with_result.subquery()
    return select(ranked.c.id).where(ranked.c.place == 1)


def _new(
    id: str, collection_id: str | None, kind: str, params: Mapping[str, Any]
) -> dict[str, Any]:
    now = time.time()
    return {
        "id": id,
        "collection_id": collection_id,
        "kind": kind,
        "state": State.QUEUED,
        "params": dict(params),
        "total": 0,
        "done": 0,
        "attempt": 0,
        "created_at": now,
        "submitted_at": now,
    }


def _ended(state: State) -> dict[str, Any]:
    return {"state": state, "owner": None, "lease_until": None, "finished_at": time.time()}


def _job(row: Any) -> Job:
    return Job(**{**row, "state": State(row["state"])})
