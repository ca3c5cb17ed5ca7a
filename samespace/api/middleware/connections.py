"""Connections before there is a request: how many are open, and how long the head of a request may take.

All of this comes before any key is looked at: whoever reaches the port could otherwise keep every connection open.
"""

import asyncio
import json
from collections import Counter
from http import HTTPStatus
from ipaddress import ip_address, ip_network

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from samespace.api.middleware.rate_limit import address_of
from samespace.core.errors import Busy, InvalidRequest, SamespaceError
from samespace.core.settings import Settings


class Connections:
    """How many connections are open, and whose; used in one event loop, so nothing is locked."""

    def __init__(self, settings: Settings) -> None:
        self._most = settings.max_connections
        self._each = max(1, int(settings.max_connections * settings.client_share))
        self._proxies = [ip_network(each) for each in settings.trusted_proxies]
        self._open: Counter[str] = Counter()

    def enter(self, client: tuple[str, int] | None) -> None:
        """Count a new one; Busy. Behind a proxy that is trusted, the proxy counts its clients itself."""
        who = address_of(client)
        if self._open.total() >= self._most:
            raise Busy(f"{self._most} connections are open, the limit is {self._most}")
        if self._open[who] >= self._each and not self._is_proxy(client):
            raise Busy(
                f"{self._each} connections of one client are open, the limit is {self._each}"
            )
        self._open[who] += 1

    def leave(self, client: tuple[str, int] | None) -> None:
        """One that was counted is closed."""
        who = address_of(client)
        self._open[who] -= 1
        if not self._open[who]:
            del self._open[who]

    def _is_proxy(self, client: tuple[str, int] | None) -> bool:
        try:
            address = ip_address(client[0] if client else "")
        except ValueError:
            return False
        return any(address in network for network in self._proxies)


class Watched(H11Protocol):
    """uvicorn's protocol over h11, which takes no head larger than 16 KB, with these bounds; see `watched`."""

    open: Connections
    head_seconds: float
    _head_timer: asyncio.TimerHandle | None = None
    _is_counted = False
    _has_begun = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        try:
            self.open.enter(self.client)
        except Busy as error:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, error)
            return
        self._is_counted = True
        self._watch()

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        self._has_begun = True
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        if self._is_counted:
            self._is_counted = False
            self.open.leave(self.client)
        super().connection_lost(exc)

    def _watch(self) -> None:
        """The time for a head runs from the first byte of it, of the first one from the beginning of the connection.

        Between two requests, uvicorn's own time for idle connections goes on.
        """
        awaits = self.conn.their_state is h11.IDLE
        is_due = awaits and (self.cycle is None or bool(self.conn.trailing_data[0]))
        if not is_due or self.transport.is_closing():
            self._stop()
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(self.head_seconds, self._give_up)

    def _stop(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        if not self._has_begun:  # opened in advance, as browsers do
            self.transport.close()
            return
        seconds = f"{self.head_seconds:g} seconds (SAMESPACE_HEADER_SECONDS)"
        why = f"the head of the request did not end within {seconds}"
        self._refuse(HTTPStatus.REQUEST_TIMEOUT, InvalidRequest(why))

    def _refuse(self, status: HTTPStatus, error: SamespaceError) -> None:
        self.transport.write(_answer(status, error))
        self.transport.close()


def watched(settings: Settings) -> type[Watched]:
    """The class of the connections of one server."""
    bounds = {"open": Connections(settings), "head_seconds": settings.header_seconds}
    return type("WatchedHere", (Watched,), bounds)


def _answer(status: HTTPStatus, error: SamespaceError) -> bytes:
    """The problem as it goes over the wire: there is no request yet that an application could answer."""
    content = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": str(error),
        "code": error.code,
    }
    body = json.dumps(content).encode()
    head = [
        f"HTTP/1.1 {status.value} {status.phrase}",
        "content-type: application/problem+json",
        f"content-length: {len(body)}",
        "connection: close",
    ]
    if isinstance(error, Busy):
        head.append(f"retry-after: {error.retry_after:.0f}")
    return "\r\n".join([*head, "", ""]).encode() + body
