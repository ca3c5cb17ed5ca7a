"""One event stream for a page: the jobs of a collection, and what happens to its documents."""

import json
import logging
from collections.abc import AsyncIterator

import anyio
from fastapi import APIRouter
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from samespace.api.context import Context, Reader
from samespace.api.events.stream import KEEP_ALIVE_SECONDS, may_go_on
from samespace.api.events.watch import Event, Watch
from samespace.api.openapi import KEYED, PROBLEMS
from samespace.core.errors import Unavailable
from samespace.store.records import Collection

router = APIRouter(prefix="/v1", tags=["jobs"], responses=PROBLEMS, dependencies=KEYED)

log = logging.getLogger(__name__)

_STEP_SECONDS = 0.2
_FAREWELL_SECONDS = 2.0
_RETRY_MS = 1000

_DESCRIPTION = (
    "Events: `collection`, whether it is paused and its documents by state; `jobs`, all unfinished ones as they "
    "are shown by `GET /v1/jobs`, and once each that has ended; `documents`, those that changed, at first "
    "those that are unfinished or failed; `missed`, more changed than is told; `gone`, it was deleted."
)


@router.get(
    "/collections/{collection}/events",
    response_class=Response,
    responses={200: {"description": _DESCRIPTION, "content": {"text/event-stream": {}}}},
)
async def follow_collection(collection: str, here: Reader) -> Response:
    """What happens to the jobs and documents of a collection, from how they are now.

    The stream ends when the collection is deleted, and when the key or session that opened it is no longer
    good; a reader that comes again is told everything afresh.
    """
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
    position: int | None = None
    with here.watches.of(collection) as watch:
        while not stopping.is_set() and await may_go_on(here):
            try:
                await watch.look_if_due()
                events, position = await _news(watch, position)
            except Unavailable as error:
                log.warning("events wait: %s", error)
                events = []
            for event in events:
                yield ServerSentEvent(json.dumps(event.data), event=event.name, retry=_RETRY_MS)
            if watch.is_gone:
                return
            with anyio.move_on_after(_STEP_SECONDS):
                await stopping.wait()


async def _news(watch: Watch, position: int | None) -> tuple[list[Event], int]:
    """What a reader that stands there has not been told, and where it stands then."""
    # Read before the records are: told twice is harmless, never told is not.
    now = watch.position
    events = None if position is None else watch.since(position)
    if events is None:
        events = await run_in_threadpool(watch.fresh)
    return events, now
