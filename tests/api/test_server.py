"""The API as a process: its memory, its stop, and what a client on a socket sees."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from tests.services import ROOT, free_port, wait_until

pytestmark = pytest.mark.slow
MB = 1024 * 1024
JSON = {"content-type": "application/json"}


@dataclass(frozen=True)
class Running:
    process: subprocess.Popen[bytes]
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
def running(tmp_path: Path, redis_url: str) -> Iterator[Running]:
    port = free_port()
    command = [sys.executable, "-m", "tests.api.process", str(tmp_path), redis_url, str(port)]
    with subprocess.Popen(command, cwd=ROOT) as process:
        running = Running(process, port)
        try:
            wait_until(lambda: httpx.get(f"{running.url}/readyz").raise_for_status(), process, 120)
            httpx.post(f"{running.url}/v1/collections", json={"name": "c"}).raise_for_status()
            yield running
        finally:
            process.kill()


def form(sizes: list[int]) -> Iterator[bytes]:
    """A form with a text file of each size, made as it is sent."""
    for number, size in enumerate(sizes):
        yield (
            f'--b\r\ncontent-disposition: form-data; name="file"; filename="{number}.txt"\r\n\r\n'
        ).encode()
        line = f"file {number} has lines like this one\n".encode()
        block = line * (MB // len(line))
        for start in range(0, size, len(block)):
            yield block[: size - start]
        yield b"\r\n"
    yield b"--b--\r\n"


@pytest.mark.parametrize("sizes", [[50 * MB] * 4, [MB - 1000] * 200], ids=["large", "many"])
def test_uploads_take_little_memory(running: Running, sizes: list[int]) -> None:
    memory = psutil.Process(running.process.pid)
    before = highest = memory.memory_info().rss

    def watched() -> Iterator[bytes]:
        nonlocal highest
        for chunk in form(sizes):
            highest = max(highest, memory.memory_info().rss)
            yield chunk

    response = httpx.post(
        f"{running.url}/v1/collections/c/documents",
        content=watched(),
        headers={"content-type": "multipart/form-data; boundary=b"},
        timeout=120,
    )
    assert response.status_code == 202, response.text
    assert len(response.json()["documents"]) == len(sizes)
    highest = max(highest, memory.memory_info().rss)
    assert highest - before < 60 * MB
    assert memory.num_fds() < 60


def test_a_flood_of_large_bodies_takes_bounded_memory(running: Running) -> None:
    """By default 128 MB of bodies are let in at once; what a body is turned into comes on top of it."""
    memory = psutil.Process(running.process.pid)
    url = f"{running.url}/v1/collections/c/search"
    part = {"image": "A" * (24 * MB)}
    body = json.dumps({"parts": [part]}).encode()
    before = highest = memory.memory_info().rss

    def flood(_: int) -> int:
        answer = httpx.post(url, content=body, headers=JSON, timeout=60)
        return answer.status_code

    with ThreadPoolExecutor(24) as pool:
        answers = [pool.submit(flood, number) for number in range(48)]
        while not all(answer.done() for answer in answers):
            highest = max(highest, memory.memory_info().rss)
            time.sleep(0.02)
    statuses = {answer.result() for answer in answers}
    assert statuses == {422, 429}
    assert highest - before < 700 * MB
    assert httpx.get(f"{running.url}/v1/collections").status_code == 200


@pytest.mark.alone
def test_a_stop_does_not_wait_for_event_streams(running: Running) -> None:
    added = httpx.post(f"{running.url}/v1/collections/c/documents", json={"text": "Waits."})
    url = f"{running.url}/v1/jobs/{added.json()['job_id']}/events"
    with httpx.stream("GET", url) as response:
        lines = response.iter_lines()
        assert next(lines) == "event: progress"
        began = time.monotonic()
        running.process.send_signal(signal.SIGTERM)
        assert list(lines)
    running.process.wait(10)
    assert time.monotonic() - began < 8


def test_a_client_that_sends_too_much_still_reads_why(running: Running) -> None:
    length = 2000 * MB
    head = (
        "POST /v1/collections/c/documents HTTP/1.1\r\nHost: localhost\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode()
    with socket.create_connection(("127.0.0.1", running.port), timeout=20) as client:
        client.sendall(head)
        for _ in range(20):
            client.sendall(b"x" * MB)
        answer = client.recv(65536)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer.lower()
    assert b"too_large" in answer


@pytest.mark.alone
def test_a_careful_client_is_not_asked_to_send(running: Running) -> None:
    head = (
        "POST /v1/collections/c/documents HTTP/1.1\r\nHost: localhost\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\nExpect: 100-continue\r\n"
        f"Content-Length: {2000 * MB}\r\n\r\n"
    ).encode()
    with socket.create_connection(("127.0.0.1", running.port), timeout=20) as client:
        client.sendall(head)
        began = time.monotonic()
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert time.monotonic() - began < 5
