"""How much may go on at once: what is past a bound is refused before its body is read, with 429.

Where nothing of a kind is going on, one request is let in whatever its size. One client may take only a share of each
bound, so that others find room: a client is a key at an address, where no key is asked for an address.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import anyio.to_thread
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from samespace.api.auth.grants import Grant
from samespace.api.errors import problem
from samespace.api.middleware.body_limit import has_body, largest_body
from samespace.api.middleware.rate_limit import address_of
from samespace.core.errors import Busy
from samespace.core.settings import Settings

_RETRY_SECONDS = 1.0
_SEARCHES = ("/search", "/similar", "/classify", "/v1/embeddings")
# For requests that no bound counts: lists, thumbnails, health.
_OTHER_THREADS = 16


def is_question(scope: Scope) -> bool:
    """Whether somebody waits for an encoder: a search, a classification, embeddings."""
    if scope["type"] != "http" or scope["method"] != "POST":
        return False
    path: str = scope["path"]
    return path.rstrip("/").endswith(_SEARCHES)


def allow_threads(settings: Settings) -> None:
    """Let as many threads run as requests may: those of one kind must not wait behind those of another."""
    most = settings.max_searches + settings.max_uploads + _OTHER_THREADS
    anyio.to_thread.current_default_thread_limiter().total_tokens = most


@dataclass(slots=True)
class Room:
    """What goes on of one kind, and how much of it may; used in one event loop, so nothing is locked."""

    what: str
    most: int
    share: float = 1.0
    used: int = 0
    used_by: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def taken(self, amount: int, client: str) -> Iterator[None]:
        """Take up room within the block; Busy."""
        self._check(self.what, self.used, amount, self.most)
        each = max(1, int(self.most * self.share))
        self._check(f"{self.what} of one client", self.used_by[client], amount, each)
        self.used += amount
        self.used_by[client] += amount
        try:
            yield
        finally:
            self.used -= amount
            self.used_by[client] -= amount
            self.used_by += Counter()  # forgets who has none

    @staticmethod
    def _check(what: str, used: int, amount: int, most: int) -> None:
        if used and used + amount > most:
            raise Busy(f"{what}: {used} now, the limit is {most}", _RETRY_SECONDS)


class Pressure:
    """ASGI middleware that lets in only as much as there is room for."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        share = settings.client_share
        self._uploads = Room("uploads at once", settings.max_uploads, share)
        self._on_disk = Room("bytes of forms at once", settings.max_uploads_bytes, share)
        self._in_memory = Room("bytes of requests at once", settings.max_bodies_bytes, share)
        self._searches = Room("searches at once", settings.max_searches, share)
        self._streams = Room("streams of events at once", settings.max_streams, share)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with ExitStack() as stack:
            try:
                for room, amount in self._wanted(scope):
                    stack.enter_context(room.taken(amount, _client(scope)))
            except Busy as error:
                await problem(error)(scope, receive, send)
                return
            await self._app(scope, receive, send)

    def _wanted(self, scope: Scope) -> Iterator[tuple[Room, int]]:
        if scope["type"] != "http":
            return
        method, path = scope["method"], scope["path"].rstrip("/")
        if method == "POST" and path.endswith("/documents"):
            yield self._uploads, 1
        if is_question(scope):
            yield self._searches, 1
        if method == "GET" and path.endswith("/events"):
            yield self._streams, 1
        yield from self._body(Headers(scope=scope))

    def _body(self, headers: Headers) -> Iterator[tuple[Room, int]]:
        """What the body may come to; one of unknown length may be as large as is allowed."""
        if not has_body(headers):
            return
        length = headers.get("content-length", "")
        limit, is_form = largest_body(headers, self._settings)
        size = int(length) if length.isdecimal() else limit
        yield (self._on_disk if is_form else self._in_memory), size


def _client(scope: Scope) -> str:
    grant: Grant = scope["samespace.grant"]
    return f"{grant.actor} at {address_of(scope.get('client'))}"
