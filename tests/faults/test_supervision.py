"""A stack whose disk is full, whose reader has gone and whose parts hang goes on by itself, and ends when told."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from samespace.client import Client, Source
from tests.full import filled, small_disk
from tests.services import ROOT, free_port, pid_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PARTS = ("api", "index", "queue", "worker")
QUICK = {
    "SAMESPACE_LEASE_SECONDS": "4",
    "SAMESPACE_RECONCILE_SECONDS": "1",
    "SAMESPACE_HANG_SECONDS": "12",
    "SAMESPACE_MIN_FREE_MB": "20",
}


class Up:
    """`samespace up | head`, so to speak: who read its output has gone once it was ready."""

    def __init__(self, data: Path) -> None:
        self.data, port = data, free_port()
        self.url = f"http://127.0.0.1:{port}"
        module = [sys.executable, "-m", "samespace.cli.main"]
        self.process = subprocess.Popen(
            [*module, "up", "--data", str(data), "--port", str(port)],
            cwd=ROOT,
            env=os.environ | QUICK,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        said = []
        for line in self.process.stdout:
            said.append(line)
            if line.startswith("ready at"):
                break
        else:
            pytest.fail(f"it was never ready: {said}")
        self.process.stdout.close()

    def running(self, part: str) -> list[int]:
        """The processes of a part, whatever the pid files say."""
        children = psutil.Process(self.process.pid).children()
        return [each.pid for each in children if is_part(each, part)]

    def readiness(self) -> dict[str, Any]:
        """What it says of itself; nothing where it does not answer."""
        try:
            found: dict[str, Any] = httpx.get(f"{self.url}/readyz", timeout=20).json()
        except httpx.HTTPError:
            return {"status": "silent", "checks": {}}
        return found


def is_part(process: psutil.Process, part: str) -> bool:
    try:
        line = process.cmdline()
    except psutil.Error:
        return False
    # Valkey gives itself another command line.
    return ("valkey.sock" if part == "queue" else f"{part}.log") in " ".join(line)


@contextmanager
def running(data: Path) -> Iterator[Up]:
    up = Up(data)
    try:
        yield up
    except BaseException:
        for log in sorted((data / "logs").iterdir()):
            # Gone with its disk otherwise.
            sys.stdout.write(f"== {log.name}\n{log.read_text(errors='replace')[-4000:]}\n")
        raise
    finally:
        if up.process.poll() is None:
            # The queue does not end with its parent.
            for each in psutil.Process(up.process.pid).children(recursive=True):
                each.kill()
            up.process.kill()
            up.process.wait(30)


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def count(client: Client, state: str) -> int:
    return client.collection("notes")["documents"].get(state, 0)


def test_it_goes_on_by_itself_and_ends_when_told(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 900) as disk, running(disk / "data") as up:
        with Client(up.url, timeout=20) as client:
            client.create_collection("notes")
            client.add("notes", [Source("A heron stands in the river.")])
            wait_for(lambda: count(client, "ready") == 1)
            goes_on_after_a_full_disk(up, client, disk)
            starts_again_what_hangs(up, client)
        ends_when_told(up)


def goes_on_after_a_full_disk(up: Up, client: Client, disk: Path) -> None:
    """What was accepted before is ready afterwards, though the worker died while not a byte was free."""
    [worker] = up.running("worker")
    os.kill(worker, signal.SIGSTOP)
    client.add("notes", [Source(f"Note {n}: a barge on the river.") for n in range(5)])
    wait_for(lambda: up.readiness()["status"] == "no_worker")
    with filled(disk):
        os.kill(worker, signal.SIGKILL)
        wait_for(lambda: set(up.running("worker")) - {worker})
        [second] = up.running("worker")
        os.kill(second, signal.SIGKILL)
        wait_for(lambda: set(up.running("worker")) - {worker, second})
        assert up.readiness()["status"] in {"out_of_space", "unavailable"}
        assert "are to stay free" in up.readiness()["checks"]["space"]
    wait_for(lambda: count(client, "ready") == 6)
    wait_for(lambda: up.readiness()["status"] == "ok")
    # What could not be written is written now.
    wait_for(lambda: [pid_of(up.data, "worker")] == up.running("worker"))
    wait_for(lambda: not (up.data / "run" / "unverified").exists())


def starts_again_what_hangs(up: Up, client: Client) -> None:
    before = {part: up.running(part) for part in PARTS}
    assert [len(pids) for pids in before.values()] == [1, 1, 1, 1]
    for pids in before.values():
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
    for part, pids in before.items():
        wait_for(lambda part=part, pids=pids: set(up.running(part)) - set(pids))  # type: ignore[misc]
    wait_for(lambda: up.readiness()["status"] == "ok")
    assert client.search("notes", "a bird by the water")["hits"]
    client.add("notes", [Source("The lighthouse keeper paints his boat.")])
    wait_for(lambda: count(client, "ready") == 7)


def ends_when_told(up: Up) -> None:
    children = psutil.Process(up.process.pid).children(recursive=True)
    began = time.monotonic()
    up.process.terminate()
    assert up.process.wait(90) == 0
    assert time.monotonic() - began < 60
    _, left = psutil.wait_procs(children, 10)
    assert left == []
