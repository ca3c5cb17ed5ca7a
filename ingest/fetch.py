"""Fetching a document by its URL, past one guard: whoever sends URLs must not reach what only this machine can.

A name is resolved once, every address it has is checked, and the connection goes to an address that was
checked: there is no second lookup that could answer otherwise. TLS goes on verifying the name. The same
happens after every redirect.
"""

import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any, BinaryIO
from urllib.parse import unquote

import httpcore
import httpx

from ingest.addresses import OFF, Address, FetchPolicy
from samespace.core.deadline import seconds_left
from samespace.core.errors import Busy, InvalidRequest, OutOfSpace, TooLarge, Unreadable
from samespace.core.settings import Settings

Resolve = Callable[[str, int], Sequence[str]]

MOST_REDIRECTS = 5
MOST_AT_ONCE = 8
_CHUNK = 1 << 16
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PORTS = {"http": 80, "https": 443}


def look_up(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, by the system's resolver; OSError without one."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class Fetcher:
    """Fetches documents within the limits of the settings; for many threads, a few documents at a time."""

    def __init__(
        self, settings: Settings, *, resolve: Resolve = look_up, tls: ssl.SSLContext | None = None
    ) -> None:
        self._settings = settings
        self._reach = FetchPolicy.of(settings)
        self._resolve = resolve
        self._tls = tls or ssl.create_default_context()
        self._turns = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._lookups = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="lookup")

    def fetch(self, url: str, into: BinaryIO) -> str:
        """Write the bytes of a document to a file; answers the name that the URL gives it.

        InvalidRequest for a URL that may not be fetched, TooLarge past `max_file_bytes`, Busy when too
        many are being fetched, Unreadable for everything that goes wrong on the way.
        """
        if not self._settings.fetch_urls:
            raise InvalidRequest(OFF)
        place = self._check(url)
        if not self._turns.acquire(blocking=False):
            raise Busy(f"{MOST_AT_ONCE} documents are being fetched, the limit; try again later")
        try:
            with _saying(shown(place), self._settings.fetch_seconds):
                return self._follow(place, into)
        finally:
            self._turns.release()

    def close(self) -> None:
        """Look nothing up any more."""
        self._lookups.shutdown(wait=False, cancel_futures=True)

    def _follow(self, place: httpx.URL, into: BinaryIO) -> str:
        until = time.monotonic() + self._settings.fetch_seconds
        network = _Network(self._addresses, until)
        with httpcore.ConnectionPool(self._tls, network_backend=network) as pool:
            for _ in range(MOST_REDIRECTS + 1):
                with _get(pool, place) as response:
                    to = _header(response, b"location")
                    if response.status not in _REDIRECTS or not to:
                        self._save(response, place, into)
                        return name_of(place)
                place = self._check(_joined(place, to))
        raise Unreadable(f"{shown(place)} comes after more than {MOST_REDIRECTS} redirects")

    def _check(self, url: str) -> httpx.URL:
        """The URL in parts, if it is one that is fetched; where it leads is checked when it is known."""
        try:
            place = httpx.URL(url)
            host = place.host  # decoded here, where a name that is no name (`xn--`) shows itself
        except (httpx.InvalidURL, ValueError) as error:
            raise InvalidRequest(f"the URL {url[:200]!r} cannot be read: {error}") from error
        if place.scheme not in _PORTS or not host:
            raise InvalidRequest(f"{shown(place)!r} is not an http or https URL with a host")
        if place.userinfo:
            raise InvalidRequest(f"the URL {shown(place)} holds a user or password")
        port = place.port or _PORTS[place.scheme]
        if port not in self._reach.ports:
            raise InvalidRequest(
                f"port {port} of {shown(place)} is not fetched from (SAMESPACE_FETCH_PORTS)"
            )
        return place

    def _addresses(self, host: str, port: int, seconds: float) -> list[Address]:
        """The addresses of a host, all of them permitted; looked up this once."""
        found = self._lookups.submit(self._resolve, host, port).result(seconds)
        addresses = [ip_address(address) for address in dict.fromkeys(found)]
        if not addresses or not all(self._reach.permits(host, each) for each in addresses):
            raise InvalidRequest(
                f"{host} is not at a public address, nor allowed by SAMESPACE_FETCH_ALLOW"
            )
        return addresses

    def _save(self, response: httpcore.Response, place: httpx.URL, into: BinaryIO) -> None:
        if response.status != httpx.codes.OK:
            raise Unreadable(f"{shown(place)} answered with status {response.status}")
        most, size = self._settings.max_file_bytes, 0
        length = _header(response, b"content-length")
        if length.isdecimal() and int(length) > most:
            raise TooLarge(f"{shown(place)} has {length} bytes, the limit is {most}")
        for piece in _unpacked(response.iter_stream(), _header(response, b"content-encoding")):
            size += len(piece)
            if size > most:
                raise TooLarge(f"{shown(place)} has more than {most} bytes, the largest file taken")
            _write(into, piece, place)


def _write(into: BinaryIO, piece: bytes, place: httpx.URL) -> None:
    try:
        into.write(piece)
    except OSError as error:
        raise OutOfSpace(f"{shown(place)} cannot be kept: {error.strerror}") from error


def name_of(place: httpx.URL) -> str:
    """The last part of the path, or the host."""
    return unquote(place.path.rstrip("/").rpartition("/")[2]) or place.host


def shown(place: httpx.URL) -> str:
    """The URL as messages show it: without user, password and query, which may be secrets."""
    return str(place.copy_with(userinfo=b"", query=None, fragment=None))[:200]


def _joined(place: httpx.URL, to: str) -> str:
    try:
        return str(place.join(to))
    except (httpx.InvalidURL, ValueError) as error:
        raise Unreadable(f"{shown(place)} redirects to what is no URL") from error


def _get(pool: httpcore.ConnectionPool, place: httpx.URL) -> Any:
    """The response to a request that says nothing about us, asked for without compression."""
    url = httpcore.URL(
        scheme=place.raw_scheme, host=place.raw_host, port=place.port, target=place.raw_path
    )
    headers = {
        "Host": place.netloc.decode(),
        "User-Agent": "samespace",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    return pool.stream("GET", url, headers=list(headers.items()))


def _header(response: httpcore.Response, name: bytes) -> str:
    values = [value for key, value in response.headers if key.lower() == name]
    return values[-1].decode("latin-1").strip() if values else ""


def _unpacked(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """The bytes, unpacked in small pieces where a server compresses what it keeps whatever it is asked."""
    if encoding.lower() in {"", "identity"}:
        yield from pieces
        return
    if encoding.lower() not in {"gzip", "x-gzip"}:
        raise Unreadable(f"the answer is compressed by {encoding[:40]!r}, which nobody asked for")
    gzip = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    for piece in pieces:
        rest = piece
        while rest:
            yield gzip.decompress(rest, _CHUNK)
            rest = gzip.unconsumed_tail
    yield gzip.flush()
    if not gzip.eof:
        raise Unreadable("the compressed answer ends too early")


@contextmanager
def _saying(url: str, seconds: float) -> Iterator[None]:
    """Turn what goes wrong on a network into Unreadable, saying no more than that."""
    try:
        yield
    except (httpcore.TimeoutException, TimeoutError) as error:
        raise Unreadable(f"{url} took longer than {seconds:g} s to fetch") from error
    except (httpcore.NetworkError, OSError, UnicodeError) as error:
        raise Unreadable(f"{url} cannot be reached: {error or type(error).__name__}") from error
    except (httpcore.ProtocolError, zlib.error) as error:
        raise Unreadable(f"{url} does not answer as HTTP asks: {error}") from error


class _Network(httpcore.NetworkBackend):
    """Connections to checked addresses only, with one deadline for all that happens on them."""

    def __init__(
        self, addresses: Callable[[str, int, float], Sequence[Address]], until: float
    ) -> None:
        self._addresses = addresses
        self._until = until
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """See httpcore; the first address that answers is taken."""
        problem: Exception = httpcore.ConnectError("no address")
        for address in self._addresses(host, port, seconds_left(self._until)):
            try:
                return _Stream(
                    self._plain.connect_tcp(str(address), port, seconds_left(self._until)),
                    self._until,
                )
            except httpcore.ConnectError as error:
                problem = error
        raise problem


class _Stream(httpcore.NetworkStream):
    """A connection whose every wait ends at the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self._stream = stream
        self._until = until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._stream.read(max_bytes, seconds_left(self._until))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, seconds_left(self._until))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, seconds_left(self._until))
        return _Stream(stream, self._until)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
