"""What a request shows to say who asks: a key that it names, or the cookie of a session."""

import hashlib
from dataclasses import dataclass, field

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import Scope

from samespace.core.settings import Settings

COOKIE = "samespace_session"
# A browser takes a cookie of such a name over TLS alone, from this very host, and sends it to no other: RFC 6265bis,
# 4.1.3.2.
COOKIE_OVER_TLS = f"__Host-{COOKIE}"


@dataclass(frozen=True, slots=True)
class Credential:
    """A key, or the token of a session, which scripts cannot read and other sites cannot have sent."""

    text: str = field(repr=False)
    is_token: bool = False

    @property
    def digest(self) -> bytes:
        """By what it can be remembered; a key and a token of the same text are two."""
        return hashlib.sha256(f"{self.is_token}:{self.text}".encode()).digest()


def shown_by(scope: Scope, settings: Settings) -> Credential | None:
    """The key that a request names, else the token that the browser added by itself."""
    key = _bearer(Headers(scope=scope))
    return token_of(scope, settings) if key is None else Credential(key)


def token_of(scope: Scope, settings: Settings) -> Credential | None:
    """The token in the cookies of a request; over TLS only one that was set over TLS is taken."""
    cookies = cookie_parser("; ".join(Headers(scope=scope).getlist("cookie")))
    found = cookies.get(COOKIE_OVER_TLS)
    if not found and not is_over_tls(scope, settings):
        found = cookies.get(COOKIE)
    return Credential(found, is_token=True) if found else None


def set_cookie(
    response: Response, token: str, scope: Scope, settings: Settings, seconds: float
) -> None:
    """Have the browser keep a token for so long; 0 seconds take it away."""
    over_tls = is_over_tls(scope, settings)
    response.set_cookie(
        COOKIE_OVER_TLS if over_tls else COOKIE,
        token,
        max_age=int(seconds),
        path="/",
        secure=over_tls,
        httponly=True,
        samesite="strict",
    )


def is_over_tls(scope: Scope, settings: Settings) -> bool:
    """Whether the browser speaks TLS, with a proxy in front of us.

    It says so itself where it names its origin, else the proxy does. Who lies here deceives nobody else.
    """
    headers = Headers(scope=scope)
    outermost = headers.get("x-forwarded-proto", "").partition(",")[0]
    return (
        settings.https_only
        or scope["scheme"] == "https"
        or outermost.strip().lower() == "https"
        or headers.get("origin", "").startswith("https://")
    )


def _bearer(headers: Headers) -> str | None:
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" and key.strip() else None
