"""Server-sent events: something in the records is looked at until nothing more happens to it."""

import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import anyio
from sse_starlette import ServerSentEvent
from starlette.concurrency import run_in_threadpool

from samespace.core.errors import NotFound, Unavailable
from samespace.core.types import State

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.4
KEEP_ALIVE_SECONDS = 15

View = Mapping[str, Any]


async def follow(first: View, look: Callable[[], View]) -> AsyncIterator[ServerSentEvent]:
    """`progress` with what is seen now and whenever that changes, then `done`.

    What is deleted meanwhile ends with its last view, its state `deleting`.
    """
    seen = first
    yield _event("progress", seen)
    while not State(seen["state"]).is_final:
        await anyio.sleep(LOOK_SECONDS)
        now = await run_in_threadpool(_look_again, look, seen)
        if now["state"] == State.DELETING:
            seen = now
            break
        if now != seen:
            seen = now
            yield _event("progress", seen)
    yield _event("done", seen)


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
