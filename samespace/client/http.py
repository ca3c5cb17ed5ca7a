"""What both clients know of HTTP: addresses, headers, time limits, and what a broken connection means."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from samespace.client.requests import Request
from samespace.client.views import Job
from samespace.client.wire import FINAL_STATES
from samespace.core.errors import Unavailable

CONNECT_SECONDS = 5.0
REOPEN_SECONDS = 0.2

OnProgress = Callable[[Job], None]
OnWait = Callable[[float], None]


def server_of(url: str | None, key: str | None) -> tuple[str, str | None]:
    """The address and the key to use: what is given, else what SAMESPACE_URL and SAMESPACE_API_KEY say.

    A key of the environment goes to the server of the environment, and to no other that a program names.
    """
    if url is not None:
        return url, key
    from samespace.core.settings import Server

    named = Server()
    if key is None and named.api_key is not None:
        key = named.api_key.get_secret_value()
    return named.url, key


def options(url: str, key: str | None, timeout: float) -> dict[str, Any]:
    """The arguments of httpx's clients; the key travels as a bearer token."""
    return {
        "base_url": url,
        "headers": {"Authorization": f"Bearer {key}"} if key else {},
        "timeout": httpx.Timeout(timeout, connect=min(timeout, CONNECT_SECONDS)),
        # A local server is not to be reached through the proxy of a company.
        "trust_env": False,
    }


def arguments(request: Request[Any]) -> dict[str, Any]:
    """A request as httpx takes it."""
    return {
        "method": request.method,
        "url": request.path,
        "params": request.params,
        "json": request.json,
        "data": request.data,
        "files": request.files,
    }


def stream_arguments(request: Request[Any]) -> dict[str, Any]:
    """A request for a stream of events, as httpx takes it."""
    headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
    return {"method": request.method, "url": request.path, "headers": headers}


@contextmanager
def speaking_plainly(url: str) -> Iterator[None]:
    """Turn the errors of a connection into Unavailable, saying what can be done."""
    try:
        yield
    except httpx.ConnectError:
        # The message says it all: what httpx tells besides is eighty lines of its own inside.
        raise Unavailable(f"nothing answers at {url}; start it with `samespace up`") from None
    except httpx.TimeoutException as error:
        raise Unavailable(f"{url} did not answer in time ({type(error).__name__})") from None
    except (httpx.TransportError, httpx.InvalidURL) as error:
        raise Unavailable(
            f"the connection to {url} broke: {error or type(error).__name__}"
        ) from error


def is_final(job: Job) -> bool:
    """Whether nothing more happens to it."""
    return job["state"] in FINAL_STATES
