"""What happens in a collection, looked at once for all who follow it."""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

import anyio
from starlette.concurrency import run_in_threadpool

from samespace.api.responses.views import Json, counts_view, job_view
from samespace.core.errors import NotFound
from samespace.core.types import State
from samespace.store.records import Collection, Job, Records
from samespace.store.records.rows import Progress

MOST_TOLD = 500

_LOOK_SECONDS = 0.4
# A look may take a twentieth of the time: a job of 100,000 documents is looked at every few seconds.
_REST = 20
# Clocks of several machines differ, and a transaction is seen later than the times that it writes.
_MARGIN_SECONDS = 2.0
# What is missed all the same is found by a look at everything.
_WHOLE_SECONDS = 10.0
_KEPT_EVENTS = 256
_PACE = ("items_per_second", "seconds_left")


@dataclass(frozen=True, slots=True)
class Event:
    """An event of the stream: its name and what is sent with it."""

    name: str
    data: Any


@dataclass
class Watch:
    """One collection: `look` finds what is new, `since` tells it to each reader from where it stands."""

    collection: Collection
    records: Records
    readers: int = 0
    position: int = 0
    is_gone: bool = False
    _events: deque[Event] = field(default_factory=lambda: deque(maxlen=_KEPT_EVENTS))
    _told: dict[str, Progress] = field(default_factory=dict)
    _about: Json = field(default_factory=dict)
    _jobs: dict[str, Json] = field(default_factory=dict)
    _looked_at: float = 0.0
    _whole_at: float = 0.0
    _due: float = 0.0
    _stamp: int | None = None
    _looking: anyio.Lock = field(default_factory=anyio.Lock)

    async def look_if_due(self) -> None:
        """Look, unless somebody just did; Unavailable."""
        async with self._looking:
            if time.monotonic() < self._due or self.is_gone:
                return
            began = time.monotonic()
            try:
                await run_in_threadpool(self.look)
            finally:
                now = time.monotonic()
                self._due = now + max(_LOOK_SECONDS, _REST * (now - began))

    def look(self) -> None:
        """Find what is new since the last look; where nothing was written meanwhile, nothing is."""
        now = time.time()
        # Read before the records are: what is written meanwhile is looked at next time.
        stamp = self.records.stamp.now()
        if stamp is not None and stamp == self._stamp and not self._is_whole_due(now):
            return
        try:
            found = self.records.collections.get(self.collection.id)
            self.is_gone = found.state is State.DELETING
            if not self.is_gone:
                self.collection = found
                self._tell_news(now)
        except NotFound:
            self.is_gone = True
        if self.is_gone:
            self._tell(self._gone)
        self._looked_at = now
        self._stamp = stamp

    def fresh(self) -> list[Event]:
        """What a reader has to know that knows nothing yet; Unavailable."""
        if self.is_gone:
            return [self._gone]
        shown = self.records.changes.unended(self.collection.id, MOST_TOLD)
        unended = [job for job in self._jobs.values() if job["finished_at"] is None]
        # Before the first look that succeeds nothing is known: it will be told with that look.
        about = [Event("collection", self._about)] if self._about else []
        return [
            *about,
            Event("jobs", unended),
            Event("documents", [asdict(one) for one in shown]),
        ]

    def since(self, position: int) -> list[Event] | None:
        """The events from a position on; None where they are not kept any more."""
        missing = self.position - position
        if missing > len(self._events):
            return None
        return list(islice(self._events, len(self._events) - missing, None))

    @property
    def _gone(self) -> Event:
        return Event("gone", {"name": self.collection.name})

    def _tell(self, event: Event) -> None:
        self._events.append(event)
        self.position += 1

    def _tell_news(self, now: float) -> None:
        changed = self._changed(now)
        is_whole = self._is_whole_due(now)
        paused = self._about.get("paused")
        if changed or is_whole or paused != self.collection.paused:
            self._whole_at = now
            self._tell_about()
            ingest = self._ingest_jobs()
        else:
            ingest = {id: job for id, job in self._jobs.items() if job["kind"] == "ingest"}
            ingest = {id: job for id, job in ingest.items() if job["finished_at"] is None}
        self._tell_jobs(ingest | self._other_jobs())
        if changed:
            self._tell(Event("documents", [asdict(one) for one in changed[:MOST_TOLD]]))
        if len(changed) > MOST_TOLD:
            # Whoever shows some of the others asks for them.
            self._tell(Event("missed", {}))

    def _is_whole_due(self, now: float) -> bool:
        return now - self._whole_at > _WHOLE_SECONDS

    def _changed(self, now: float) -> list[Progress]:
        changes, id = self.records.changes, self.collection.id
        rows = changes.since(id, (self._looked_at or now) - _MARGIN_SECONDS, MOST_TOLD + 1)
        seen = {row.id for row in rows}
        left = [one.id for one in self._told.values() if one.state == State.PROCESSING]
        rows += changes.some(id, [one for one in left if one not in seen])
        changed = [row for row in rows if self._told.get(row.id) != row]
        self._told = {row.id: row for row in rows}
        return changed

    def _tell_about(self) -> None:
        counts = counts_view(self.records.documents.counts(self.collection.id))
        about = {"paused": self.collection.paused, "documents": counts}
        if about != self._about:
            self._about = about
            self._tell(Event("collection", about))

    def _ingest_jobs(self) -> dict[str, Json]:
        """The unfinished ones, and those that were when they were last looked at."""
        ids = self.records.documents.unfinished_jobs(self.collection.id)
        before = self._jobs.values()
        ids += [job["id"] for job in before if job["kind"] == "ingest" and not job["finished_at"]]
        return self._views(dict.fromkeys(ids))

    def _views(self, ids: dict[str, None]) -> dict[str, Json]:
        jobs = (self.records.jobs.get(id) for id in ids)
        return {job.id: self._view(job) for job in jobs}

    def _other_jobs(self) -> dict[str, Json]:
        since = (self._looked_at or time.time()) - _MARGIN_SECONDS
        found = self.records.jobs.beside_ingest(self.collection.id, since)
        return {job.id: self._view(job) for job in found}

    def _view(self, job: Job) -> Json:
        return job_view(job, self.collection, self.records).model_dump()

    def _tell_jobs(self, jobs: dict[str, Json]) -> None:
        """All that are unfinished, and once each that has ended, where anything but their pace is new."""
        before, self._jobs = self._jobs, jobs
        unended = {id: job for id, job in jobs.items() if job["finished_at"] is None}
        ended = [job for id, job in jobs.items() if id not in unended and job != before.get(id)]
        was = {id: job for id, job in before.items() if job["finished_at"] is None}
        if ended or _without_pace(unended) != _without_pace(was):
            self._tell(Event("jobs", [*unended.values(), *ended]))


def _without_pace(jobs: dict[str, Json]) -> list[Json]:
    return [{key: job[key] for key in job if key not in _PACE} for job in jobs.values()]


class Watches:
    """The collections that are followed, each watched once; used in one event loop."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._watches: dict[str, Watch] = {}

    @contextmanager
    def of(self, collection: Collection) -> Iterator[Watch]:
        """The watch over a collection, kept while anybody reads it."""
        watch = self._watches.setdefault(collection.id, Watch(collection, self._records))
        watch.readers += 1
        try:
            yield watch
        finally:
            watch.readers -= 1
            if not watch.readers:
                self._watches.pop(collection.id, None)
