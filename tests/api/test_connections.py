"""Connections on which nothing is asked for, or never to the end, before any key is looked at."""

import json
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import uvicorn
from pydantic import ValidationError
from starlette.types import Receive, Scope, Send

from samespace.api.server import options
from samespace.core.settings import Settings
from tests.services import free_port

Serve = Callable[..., int]
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Says who asks, after the body has come in."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    body = f"{scope['client'][0]}".encode()
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [length]})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A server with the limits it is called with; answers its port."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(**limits: Any) -> int:
        settings = Settings(port=free_port(), log_level="WARNING", **limits)
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", **options(settings)))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        running.append((server, thread))
        until = time.monotonic() + 20
        while not server.started and time.monotonic() < until:
            time.sleep(0.01)
        return settings.port

    yield start
    for server, thread in running:
        server.should_exit = True
        thread.join(10)


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def rest(client: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    try:
        return b"".join(iter(lambda: client.recv(65536), b""))
    except ConnectionResetError:
        return b""


def answer_of(client: socket.socket, request: bytes) -> bytes:
    """All of the answer to a request."""
    client.sendall(request)
    received = b""
    while not (received and len(received.partition(b"\r\n\r\n")[2]) >= _length(received)):
        more = client.recv(65536)
        if not more:
            break
        received += more
    return received


def _length(received: bytes) -> int:
    head = received.partition(b"\r\n\r\n")[0].lower()
    return int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0] or 1)


def detail(answer: bytes) -> str:
    said: str = json.loads(answer.partition(b"\r\n\r\n")[2])["detail"]
    return said


@pytest.mark.alone
def test_a_head_that_never_ends_is_given_up(serve: Serve) -> None:
    with connect(serve(header_seconds=1)) as client:
        began = time.monotonic()
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        for _ in range(7):  # each of them no sign that there will be an end
            if select.select([client], [], [], 0.1)[0]:
                break  # on a busy machine the second is over already
            client.sendall(b"x: y\r\n")
        answer = rest(client)
        assert 0.5 < time.monotonic() - began < 10
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b"connection: close" in answer
    said = "the head of the request did not end within 1 seconds (SAMESPACE_HEADER_SECONDS)"
    assert detail(answer) == said


def test_a_connection_on_which_nothing_comes_is_closed(serve: Serve) -> None:
    with connect(serve(header_seconds=0.5)) as client:
        assert rest(client) == b""


def test_a_second_head_that_never_ends_is_given_up_too(serve: Serve) -> None:
    with connect(serve(header_seconds=0.5)) as client:
        assert answer_of(client, GET).startswith(b"HTTP/1.1 200")
        client.sendall(GET[:20])
        assert rest(client).startswith(b"HTTP/1.1 408 ")


def test_a_body_and_a_pause_between_requests_may_take_longer(serve: Serve) -> None:
    with connect(serve(header_seconds=0.5)) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\na")
        time.sleep(1)
        assert answer_of(client, b"b").startswith(b"HTTP/1.1 200")
        time.sleep(1)
        assert answer_of(client, GET).startswith(b"HTTP/1.1 200")


def test_connections_are_bounded_and_those_that_close_make_room(serve: Serve) -> None:
    port = serve(max_connections=4, client_share=0.5)
    kept = [connect(port) for _ in range(2)]
    for client in kept:
        assert answer_of(client, GET).startswith(b"HTTP/1.1 200")
    with connect(port) as refused:
        answer = rest(refused)
    assert answer.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"retry-after: 5" in answer
    assert detail(answer) == "2 connections of one client are open, the limit is 2"
    kept.pop().close()
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with connect(port) as client:
            if answer_of(client, GET).startswith(b"HTTP/1.1 200"):
                break
    else:
        pytest.fail("a connection that was closed is still counted")
    for client in kept:
        client.close()


def test_a_proxy_has_more_connections_and_says_who_asks(serve: Serve) -> None:
    port = serve(max_connections=4, client_share=0.5, trusted_proxies="127.0.0.0/8,10.0.0.1")
    asked = GET[:-2] + b"X-Forwarded-For: 203.0.113.7\r\n\r\n"
    clients = [connect(port) for _ in range(4)]
    for client in clients:
        assert answer_of(client, asked).endswith(b"203.0.113.7")
    with connect(port) as refused:
        assert detail(rest(refused)) == "4 connections are open, the limit is 4"
    for client in clients:
        client.close()


def test_who_is_no_proxy_cannot_say_who_asks(serve: Serve) -> None:
    for port in (serve(), serve(trusted_proxies="10.0.0.1")):
        with connect(port) as client:
            assert answer_of(client, GET[:-2] + b"X-Forwarded-For: 203.0.113.7\r\n\r\n").endswith(
                b"127.0.0.1"
            )


def test_a_proxy_that_is_no_address_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMESPACE_TRUSTED_PROXIES", "127.0.0.1,proxy.example")
    with pytest.raises(ValidationError, match=r"'proxy\.example' is not an address or network"):
        Settings()
