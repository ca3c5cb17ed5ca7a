"""Who may ask: the Host and Origin of a request, and its key. A page of another site can drive nothing here."""

import hashlib
import hmac
import ipaddress
import threading
import time
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from samespace.api.errors import problem
from samespace.core.errors import Forbidden, InvalidRequest, SamespaceError, Unauthorized
from samespace.core.settings import Settings
from samespace.store.records.keys import Keys

PUBLIC = frozenset({"/", "/healthz", "/readyz", "/docs", "/openapi.json"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_REMEMBER_SECONDS = 5.0
_MOST_REMEMBERED = 1000


def is_loopback(host: str) -> bool:
    """Whether this name or address is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_origin(headers: Headers, method: str, settings: Settings) -> None:
    """Forbidden unless the request is addressed to this server, and no page of another site sent it.

    A web page cannot choose the Host header, so that a name that was rebound to this address gives itself
    away; see https://fetch.spec.whatwg.org/#origin-header and https://www.w3.org/TR/fetch-metadata/.
    """
    hosts = headers.getlist("host")
    allowed = {name.lower() for name in settings.allowed_hosts}
    if len(hosts) != 1 or not _is_answered(_name_of(hosts[0]), allowed | {settings.host.lower()}):
        shown = ", ".join(hosts)[:100]
        raise Forbidden(f"this server does not answer to Host {shown!r} (SAMESPACE_ALLOWED_HOSTS)")
    for origin in headers.getlist("origin"):
        if not _is_same(origin, hosts[0]) and _origin_name(origin) not in allowed:
            raise Forbidden(f"pages of {origin[:100]!r} may not use this server")
    if method not in _SAFE and headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        raise Forbidden("pages of other sites may not use this server")


def _is_answered(name: str, names: set[str]) -> bool:
    return bool(name) and (is_loopback(name) or name in names)


def _name_of(host: str) -> str:
    """The name in a Host header, without port and brackets; empty if it is none."""
    try:
        parts = urlsplit(f"//{host}")
        is_plain = parts.netloc == host and parts.username is None and parts.port != 0
        return (parts.hostname or "") if is_plain else ""
    except ValueError:
        return ""


def _origin_name(origin: str) -> str:
    scheme, _, rest = origin.partition("://")
    return _name_of(rest) if scheme in {"http", "https"} else ""


def _is_same(origin: str, host: str) -> bool:
    scheme, _, rest = origin.partition("://")
    return scheme in {"http", "https"} and bool(_name_of(rest)) and rest.lower() == host.lower()


class KeyRing:
    """Knows whether keys are asked for and which are good; what the records say is remembered for 5 seconds."""

    def __init__(self, settings: Settings) -> None:
        self._own = settings.api_key.get_secret_value().encode() if settings.api_key else None
        self._lock = threading.Lock()
        self._good: dict[bytes, float] = {}
        self._open_until = 0.0

    def remembers(self, text: str | None) -> bool:
        """Whether this key, or none, is known to do, without asking the records."""
        now = time.monotonic()
        if self._own is None and self._open_until > now:
            return True
        if text is None:
            return False
        return self._is_own(text) or self._good.get(_digest(text), 0.0) > now

    def check(self, text: str | None, keys: Keys) -> None:
        """Unauthorized unless the key is good, or none is configured."""
        until = time.monotonic() + _REMEMBER_SECONDS
        if self._own is None and not keys.count():
            self._open_until = until
            return
        if text is None:
            raise Unauthorized("a key is needed: Authorization: Bearer <key>")
        if not keys.accepts(text):
            raise Unauthorized("the key is not known")
        with self._lock:
            if len(self._good) >= _MOST_REMEMBERED:
                self._good.clear()
            self._good[_digest(text)] = until

    def _is_own(self, text: str) -> bool:
        return self._own is not None and hmac.compare_digest(self._own, text.encode())


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


class Guard:
    """ASGI middleware that lets through what may ask."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._ring = KeyRing(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] == "http":
            try:
                await self._check(scope)
            except SamespaceError as error:
                await problem(error)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _check(self, scope: Scope) -> None:
        if "\0" in scope["path"] or b"%00" in scope["query_string"]:
            raise InvalidRequest("the URL holds a NUL character, which no name has")
        headers = Headers(scope=scope)
        check_origin(headers, scope["method"], self._settings)
        text = _bearer(headers)
        if scope["path"] not in PUBLIC and not self._ring.remembers(text):
            keys: Keys = scope["app"].state.context.records.keys
            await run_in_threadpool(self._ring.check, text, keys)


def _bearer(headers: Headers) -> str | None:
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" and key.strip() else None
