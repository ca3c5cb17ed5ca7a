"""Small web sites on loopback addresses, each of which behaves in one way."""

import gzip
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

Page = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers by the path; `seen` keeps what was asked."""

    protocol_version = "HTTP/1.1"
    body = b"hello"
    seen: ClassVar[list["Handler"]]

    def do_GET(self) -> None:
        self.seen.append(self)
        page = PAGES.get(urlsplit(self.path).path, give)
        try:
            page(self)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Nothing."""

    def begin(self, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def asked(self, name: str) -> str:
        return parse_qs(urlsplit(self.path).query)[name][0]


def give(handler: Handler) -> None:
    handler.begin(Content_Length=str(len(handler.body)))
    handler.wfile.write(handler.body)


def redirect(handler: Handler) -> None:
    handler.begin(302, Location=handler.asked("to"), Content_Length="0")


def loop(handler: Handler) -> None:
    handler.begin(302, Location="/loop", Content_Length="0")


def endless(handler: Handler) -> None:
    handler.begin(Connection="close")
    while True:
        handler.wfile.write(b"x" * 10_000)


def huge(handler: Handler) -> None:
    handler.begin(Content_Length=str(10**15))


@cache
def _bomb() -> bytes:
    return gzip.compress(bytes(100_000_000), 9)


def bomb(handler: Handler) -> None:
    packed = _bomb()
    handler.begin(Content_Encoding="gzip", Content_Length=str(len(packed)))
    handler.wfile.write(packed)


def packed(handler: Handler) -> None:
    body = gzip.compress(b"kept packed " * 10_000)
    handler.begin(Content_Encoding="gzip", Content_Length=str(len(body)))
    handler.wfile.write(body)


def cut_short(handler: Handler) -> None:
    body = gzip.compress(b"kept packed " * 10_000)[:-20]
    handler.begin(Content_Encoding="gzip", Content_Length=str(len(body)))
    handler.wfile.write(body)


def odd_packing(handler: Handler) -> None:
    handler.begin(Content_Encoding="br", Content_Length="1")
    handler.wfile.write(b"x")


def slow_head(handler: Handler) -> None:
    for letter in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 1000:
        handler.wfile.write(bytes([letter]))
        time.sleep(0.05)


def slow_body(handler: Handler) -> None:
    handler.begin(Content_Length="1000")
    for _ in range(1000):
        handler.wfile.write(b"x")
        time.sleep(0.05)


def long_head(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        handler.wfile.write(b"X-Header: " + b"x" * 1000 + b"\r\n")


def gone(handler: Handler) -> None:
    handler.begin(404, Content_Length="0")


def nonsense(handler: Handler) -> None:
    handler.wfile.write(b"\x00\xff nonsense\r\n\r\n")
    handler.close_connection = True


PAGES: dict[str, Page] = {
    "/redirect": redirect,
    "/loop": loop,
    "/endless": endless,
    "/huge": huge,
    "/bomb": bomb,
    "/packed": packed,
    "/cut": cut_short,
    "/odd": odd_packing,
    "/slow-head": slow_head,
    "/slow-body": slow_body,
    "/long-head": long_head,
    "/gone": gone,
    "/nonsense": nonsense,
}


@contextmanager
def site(
    address: str, port: int = 0, body: bytes = b"hello", tls: ssl.SSLContext | None = None
) -> Iterator[tuple[int, list[Handler]]]:
    """A site at an address; gives its port, and every request it was sent."""
    seen: list[Handler] = []
    kind = type("Site", (Handler,), {"body": body, "seen": seen})
    server = ThreadingHTTPServer((address, port), kind)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    try:
        yield server.server_port, seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
