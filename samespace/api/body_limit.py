"""Requests past a size limit are refused before they are read into memory."""

import anyio
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from samespace.api.errors import problem
from samespace.core.errors import TooLarge
from samespace.core.settings import Settings

_DRAIN_SECONDS = 10.0


class BodyLimit:
    """ASGI middleware: 413 from the Content-Length, or as soon as a chunked body is past the limit.

    Multipart bodies go to disk and may have `max_request_bytes`; all others are read into memory and may
    have `max_json_bytes`.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        limit = self._limit(headers)
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length) > limit:
            waits = headers.get("expect", "").lower() == "100-continue"
            closing = _close_late(_no_more if waits else receive, send)
            await problem(_too_large(limit, int(length)))(scope, receive, closing)
            return
        counted = _Counted(receive, limit)
        await self._app(scope, counted.receive, counted.answer(send))

    def _limit(self, headers: Headers) -> int:
        if headers.get("content-type", "").lower().startswith("multipart/"):
            return self._settings.max_request_bytes
        return self._settings.max_json_bytes


class _Counted:
    """A body that is counted while it is read."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._size = 0
        self._is_read = False

    async def receive(self) -> Message:
        message = await self._receive()
        self._is_read = not message.get("more_body")
        self._size += len(message.get("body", b""))
        if self._size > self._limit:
            raise _too_large(self._limit)
        return message

    def answer(self, send: Send) -> Send:
        async def answer(message: Message) -> None:
            late = self._size > self._limit and not self._is_read
            await (_close_late(self._receive, send) if late else send)(message)

        return answer


def _close_late(receive: Receive, send: Send) -> Send:
    """Answer, then read what still comes for a while: a client that is cut off while it sends may never see
    the answer (RFC 9112, 9.6)."""

    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], (b"connection", b"close")]
            await send(message)
            return
        await send({**message, "more_body": True})
        await _drain(receive)
        await send({"type": "http.response.body"})

    return answer


async def _drain(receive: Receive) -> None:
    with anyio.move_on_after(_DRAIN_SECONDS):
        while True:
            message = await receive()
            if message["type"] != "http.request" or not message.get("more_body"):
                return


async def _no_more() -> Message:
    return {"type": "http.disconnect"}


def _too_large(limit: int, size: int | None = None) -> TooLarge:
    has = f"has {size} bytes" if size is not None else "has more bytes than allowed"
    return TooLarge(f"the request {has}, the limit is {limit}; send large texts as files")
