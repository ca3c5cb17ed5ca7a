"""The Host and Origin of a request: a page of another site can drive nothing here."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers

from samespace.core.errors import Forbidden
from samespace.core.hosts import is_loopback
from samespace.core.settings import Settings

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_PAGE = "x-samespace-page"


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


def check_page(headers: Headers, method: str) -> None:
    """Forbidden for a change that a browser sends with its cookie, unless our page says that it means it.

    A form or a link of another site cannot send such a header, and its script would have to ask first (CORS), which
    nobody answers: "custom request headers" of the OWASP Cross-Site Request Forgery Prevention Cheat Sheet.
    """
    if method not in _SAFE and headers.get(_PAGE) != "1":
        raise Forbidden("a change that a cookie is to allow needs the header X-Samespace-Page: 1")


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
