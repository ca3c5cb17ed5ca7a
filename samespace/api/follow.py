"""One event stream for a page: the jobs of a collection, and what happens to their documents."""

import json
import logging
from collections.abc import AsyncIterator
from dataclasses import asdict

import anyio
from fastapi import APIRouter
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from samespace.api.context import Context, Reader
from samespace.api.events import KEEP_ALIVE_SECONDS, may_go_on
from samespace.api.openapi import KEYED, PROBLEMS
from samespace.api.views import Json, job_view
from samespace.core.errors import Unavailable
from samespace.store.records import Collection

router = APIRouter(prefix="/v1", tags=["jobs"], responses=PROBLEMS, dependencies=KEYED)

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.5
_FAREWELL_SECONDS = 2.0


@router.get(
    "/collections/{collection}/events",
    response_class=Response,
    responses={
        200: {
            "description": "Events `jobs`, the unfinished ones, and `documents`, those that changed.",
            "content": {"text/event-stream": {}},
        }
    },
)
async def follow_collection(collection: str, here: Reader) -> Response:
    """The unfinished jobs of a collection and each change of their documents, until the reader or its key goes."""
    found = await run_in_threadpool(here.collection, collection)
    stopping = anyio.Event()
    return EventSourceResponse(
        _follow(found, here, stopping),
        ping=KEEP_ALIVE_SECONDS,
        shutdown_event=stopping,
        shutdown_grace_period=_FAREWELL_SECONDS,
    )


async def _follow(
    collection: Collection, here: Context, stopping: anyio.Event
) -> AsyncIterator[ServerSentEvent]:
    watch = _Watch(collection, here)
    while not stopping.is_set() and await may_go_on(here):
        try:
            for name, data in await run_in_threadpool(watch.look):
                yield ServerSentEvent(data=json.dumps(data), event=name)
        except Unavailable as error:
            log.warning("events wait: %s", error)
        with anyio.move_on_after(_LOOK_SECONDS):
            await stopping.wait()


class _Watch:
    """What one reader has been told."""

    def __init__(self, collection: Collection, here: Context) -> None:
        self._collection = collection
        self._here = here
        self._jobs: list[Json] | None = None
        self._open = frozenset(job.id for job in here.records.jobs.newest(collection.id))
        self._told: dict[str, Json] = {}

    def look(self) -> list[tuple[str, list[Json]]]:
        """The events that are due: jobs where anything about them is new, documents that changed."""
        records = self._here.records
        is_open = frozenset(records.documents.unfinished_jobs(self._collection.id))
        # A job that ended since the last look is looked at once more, for its last changes.
        now = {one.id: asdict(one) for one in records.documents.progress(self._open | is_open)}
        changed = [one for id, one in now.items() if self._told.get(id) != one]
        jobs = [
            job_view(self._here.job(id)[0], self._collection, records) for id in sorted(is_open)
        ]
        events = [("documents", changed)] if changed else []
        if jobs != self._jobs:
            events.append(("jobs", jobs))
        self._jobs, self._open, self._told = jobs, is_open, now
        return events
