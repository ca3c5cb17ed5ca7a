"""Requests past a size limit are refused before they are read into memory."""

from http import HTTPStatus

import anyio
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from samespace.api.errors import problem
from samespace.core.errors import InvalidRequest, TooLarge
from samespace.core.settings import Settings

_DRAIN_SECONDS = 10.0


class BodyLimit:
    """ASGI middleware: 413 from the Content-Length, or as soon as a chunked body is past the limit.

    Multipart bodies go to disk and may have `max_request_bytes`; all others are read into memory and may
    have `max_json_bytes`. A client that falls silent while it sends is refused too.
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
        limit, _ = largest_body(headers, self._settings)
        length = headers.get("content-length", "")
        body = _Body(receive, limit, self._settings.body_seconds, headers)
        if length.isdecimal() and int(length) > limit:
            await problem(_too_large(limit, int(length)))(scope, receive, body.answer(send))
            return
        await self._app(scope, body.receive, body.answer(send))


def largest_body(headers: Headers, settings: Settings) -> tuple[int, bool]:
    """Most bytes a body of this Content-Type may have, and whether it is a form, which goes to disk."""
    if headers.get("content-type", "").lower().startswith("multipart/"):
        return settings.max_request_bytes, True
    return settings.max_json_bytes, False


class _Body:
    """A body that is counted while it is read."""

    def __init__(self, receive: Receive, limit: int, silence: float, headers: Headers) -> None:
        self._receive = receive
        self._limit = limit
        self._silence = silence
        self._size = 0
        self._is_read = not has_body(headers)
        self._is_held = headers.get("expect", "").lower() == "100-continue"

    async def receive(self) -> Message:
        if self._is_read:
            return await self._receive()
        self._is_held = False
        message = await self._next()
        self._is_read = not message.get("more_body")
        self._size += len(message.get("body", b""))
        if self._size > self._limit:
            raise _too_large(self._limit)
        return message

    async def _next(self) -> Message:
        """One that sends nothing would keep its place among the uploads for ever."""
        try:
            with anyio.fail_after(self._silence):
                return await self._receive()
        except TimeoutError as error:
            raise InvalidRequest(
                f"nothing more of the body came for {self._silence:g} seconds"
            ) from error

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
