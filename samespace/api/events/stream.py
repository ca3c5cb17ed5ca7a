"""Server-sent events: something in the records is looked at until nothing more happens to it."""

import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import anyio
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

from samespace.api.context import Context
from samespace.core.errors import NotFound, Unavailable
from samespace.core.types import State

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.4
KEEP_ALIVE_SECONDS = 15
_FAREWELL_SECONDS = 2.0

View = Mapping[str, Any]


async def stream(look: Callable[[], View], here: Context) -> EventSourceResponse:
    """`progress` with what is seen now and whenever that changes, then `done`; raises what the first look raises.

    What is deleted meanwhile ends with its last view, its state `deleting`. A server that stops ends the
    stream without `done`, and so does a key or a session that is no longer good.
    """
    first = await run_in_threadpool(look)
    stopping = anyio.Event()
    return EventSourceResponse(
        _follow(first, look, here, stopping),
        ping=KEEP_ALIVE_SECONDS,
        shutdown_event=stopping,
        shutdown_grace_period=_FAREWELL_SECONDS,
    )


async def _follow(
    seen: View, look: Callable[[], View], here: Context, stopping: anyio.Event
) -> AsyncIterator[ServerSentEvent]:
    yield _event("progress", seen)
    while not _is_over(seen):
        with anyio.move_on_after(LOOK_SECONDS):
            await stopping.wait()
            return
        if not await may_go_on(here):
            return
        before, seen = seen, await run_in_threadpool(_look_again, look, seen)
        if seen != before and not _is_over(seen):
            yield _event("progress", seen)
    yield _event("done", seen)


async def may_go_on(here: Context) -> bool:
    """Whether a stream may still tell its reader anything; the records are asked every few seconds."""
    if here.key_cache.remembered(here.shown) == here.grant:
        return True
    try:
        return await run_in_threadpool(here.is_still_granted)
    except Unavailable as error:
        log.warning("events wait: %s", error)
        return True  # nothing can be read to be told


def _is_over(view: View) -> bool:
    state = State(view["state"])
    return state.is_final or state is State.DELETING


def _look_again(look: Callable[[], View], before: View) -> View:
    try:
        return look()
    except NotFound:
        return {**before, "state": str(State.DELETING)}
    except Unavailable as error:
        log.warning("events wait: %s", error)
        return before


def _event(name: str, view: View) -> ServerSentEvent:
    return ServerSentEvent(data=json.dumps(view), event=name)
