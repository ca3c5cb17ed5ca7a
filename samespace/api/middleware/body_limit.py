"""Requests past a size limit are refused before they are read into memory."""

from http import HTTPStatus

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from samespace.api.errors import problem
from samespace.api.middleware.slow_clients import Pace
from samespace.api.requests.json_size import Most, check_values
from samespace.core.errors import TooLarge
from samespace.core.settings import Settings

_DRAIN_SECONDS = 10.0


class BodyLimit:
    """ASGI middleware: 413 from the Content-Length, or as soon as a chunked body is past the limit.

    Multipart bodies go to disk and may have `max_request_bytes`; all others are read into memory and may
    have `max_json_bytes`, and a bounded number of values. A client that is too slow while it sends is refused too.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        limit, is_form = largest_body(headers, self._settings)
        length = headers.get("content-length", "")
        values = None if is_form else _Values()
        body = _Body(receive, limit, Pace(self._settings), headers, values)
        if length.isdecimal() and int(length) > limit:
            await problem(_too_large(limit, int(length)))(scope, receive, body.answer(send))
            return
        await self._app(scope, body.receive, body.answer(send))


def largest_body(headers: Headers, settings: Settings) -> tuple[int, bool]:
    """Most bytes a body of this Content-Type may have, and whether it is a form, which goes to disk."""
    if headers.get("content-type", "").lower().startswith("multipart/"):
        return settings.max_request_bytes, True
    return settings.max_json_bytes, False


class _Values:
    """Counts the values of a body that is to be parsed; looks closer only where there may be too many."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._most = Most()

    async def count(self, piece: bytes, *, is_last: bool) -> None:
        """TooLarge, in the end."""
        self._pieces.append(piece)
        self._most.see(piece)
        if is_last and self._most.is_too_much:
            await run_in_threadpool(check_values, self._pieces, "the body")


class _Body:
    """A body that is counted while it is read."""

    def __init__(
        self, receive: Receive, limit: int, pace: Pace, headers: Headers, values: _Values | None
    ) -> None:
        self._receive = receive
        self._limit = limit
        self._pace = pace
        self._values = values
        self._size = 0
        self._is_read = not has_body(headers)
        self._is_held = headers.get("expect", "").lower() == "100-continue"

    async def receive(self) -> Message:
        if self._is_read:
            return await self._receive()
        self._is_held = False
        message = await self._pace.next(self._receive)
        self._is_read = not message.get("more_body")
        self._size += len(message.get("body", b""))
        if self._size > self._limit:
            raise _too_large(self._limit)
        if self._values is not None:
            await self._values.count(message.get("body", b""), is_last=self._is_read)
        return message

    def answer(self, send: Send) -> Send:
        """Refusals may come before the body was read."""
        closing = _close_late(self._rest, send)
        chosen = send

        async def answer(message: Message) -> None:
            nonlocal chosen
            if message["type"] == "http.response.start":
                is_refusal = message["status"] >= HTTPStatus.BAD_REQUEST
                chosen = closing if is_refusal and not self._is_read else send
            await chosen(message)

        return answer

    async def _rest(self) -> Message:
        # To ask for the body now would make a client that waits for leave send it.
        return {"type": "http.disconnect"} if self._is_held else await self._receive()


def has_body(headers: Headers) -> bool:
    """Whether a body follows these headers (RFC 9112, 6.3)."""
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


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


def _too_large(limit: int, size: int | None = None) -> TooLarge:
    has = f"has {size} bytes" if size is not None else "has more bytes than allowed"
    return TooLarge(f"the request {has}, the limit is {limit}; send large texts as files")
