"""How slowly a client may send: one that drips would keep its place among the uploads for ever."""

from collections.abc import Awaitable, Callable
from time import monotonic

import anyio
from starlette.types import Message

from samespace.core.errors import InvalidRequest
from samespace.core.settings import Settings


class Pace:
    """The time that one body may still take, in seconds of waiting for its sender.

    What the server itself takes to write or to look at what came is not counted: a sender is judged by its own
    pace. It begins with `body_seconds`; each byte earns its share of a second at `body_rate`, and no more than
    `body_seconds` are ever kept, so that a link that is slow but steady, or stalls for a while, goes on.
    """

    def __init__(self, settings: Settings) -> None:
        self._grace = settings.body_seconds
        self._rate = settings.body_rate
        self._left = self._grace
        self._in_all = settings.body_total_seconds
        self._size = 0

    async def next(self, receive: Callable[[], Awaitable[Message]]) -> Message:
        """The next part of the body; InvalidRequest where it takes too long."""
        began = monotonic()
        allowed = min(self._left, self._in_all)
        try:
            with anyio.fail_after(allowed):
                message = await receive()
        except TimeoutError as error:
            raise InvalidRequest(self._why()) from error
        self._count(monotonic() - began, len(message.get("body", b"")))
        return message

    def _count(self, waited: float, size: int) -> None:
        self._size += size
        self._in_all = max(0.0, self._in_all - waited)
        earned = size / self._rate if self._rate else self._grace
        self._left = min(self._grace, max(0.0, self._left - waited) + earned)

    def _why(self) -> str:
        if self._in_all <= self._left:
            return f"the body takes longer than allowed (SAMESPACE_BODY_TOTAL_SECONDS): {self._size} bytes came"
        if self._left >= self._grace:
            return f"nothing more of the body came for {self._grace:g} seconds"
        return (
            f"the body comes too slowly: {self._size} bytes so far, at least {self._rate} a second are needed "
            f"after {self._grace:g} seconds (SAMESPACE_BODY_RATE)"
        )
