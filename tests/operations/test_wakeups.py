"""Who waits is woken by a ring, by the end of a process, and by the clock."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from samespace.operations.stack.wakeups import Bell

LONG = 60.0


@pytest.fixture(params=["told by the kernel", "not told"])
def bell(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Bell:
    if request.param == "not told":
        monkeypatch.delattr(os, "pidfd_open", raising=False)
    return Bell()


@contextmanager
def running(code: str) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def seconds_of(bell: Bell, *processes: subprocess.Popen[bytes], at_most: float = LONG) -> float:
    began = time.monotonic()
    bell.wait(processes, at_most)
    return time.monotonic() - began


def test_a_ring_before_the_wait_and_one_within_it_are_heard_once(bell: Bell) -> None:
    bell.wake()
    bell.wake()
    assert seconds_of(bell) < LONG / 2
    assert seconds_of(bell, at_most=0.2) >= 0.2
    threading.Timer(0.1, bell.wake).start()
    assert seconds_of(bell) < LONG / 2


def test_any_number_of_rings_is_taken(bell: Bell) -> None:
    for _ in range(100_000):  # more than a pipe holds
        bell.wake()
    assert seconds_of(bell) < LONG / 2


def test_the_end_of_one_process_is_heard(bell: Bell) -> None:
    with running("input()") as one, running("input()") as other:
        assert seconds_of(bell, one, other, at_most=0.3) >= 0.3
        threading.Timer(0.1, other.kill).start()
        assert seconds_of(bell, one, other) < LONG / 2
        assert other.poll() is not None
        # What somebody knows to have ended is not waited for.
        assert seconds_of(bell, one, other, at_most=0.3) >= 0.3
