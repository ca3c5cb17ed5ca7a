"""A stack that nobody uses costs next to nothing, and ends at once: processor time, for the machine may be busy."""

import resource
import time
from pathlib import Path

import psutil
import pytest

from benchmarks.idle import measure, share
from samespace.cli.stack import Stack
from samespace.core.settings import Settings
from tests.services import pid_of

pytestmark = pytest.mark.slow

# On a busy machine the same work takes up to twice the time: a quiet one shows 0.6%, of which the supervisor 0.1%.
IDLE_SHARE, WATCHING_SHARE = 0.015, 0.004
SECONDS = 20.0
# Taking apart an interpreter with torch in it were two.
STOP_SECONDS = 1.0


def test_an_idle_stack_sleeps_and_stops_at_once(tmp_path: Path) -> None:
    with Stack(Settings(data=tmp_path / "data", port=0)) as stack:
        worker = psutil.Process(pid_of(tmp_path / "data", "worker"))
        wait_until_loaded(worker)
        costs = measure(psutil.Process(), SECONDS)
        assert share(costs, SECONDS) < IDLE_SHARE, costs
        assert costs[0].seconds < WATCHING_SHARE * SECONDS, costs
        children = psutil.Process().children()
        before = sum(map(spent, children)) + ended()
        stack.stop()
        assert not any(child.is_running() for child in children)
        assert ended() - before < STOP_SECONDS


def wait_until_loaded(worker: psutil.Process) -> None:
    """Until it has done its start: seconds of processor time, and next to none in the last seconds."""
    deadline, before = time.monotonic() + 300, 0.0
    while (now := spent(worker)) < 3 or now - before > 0.1:
        assert time.monotonic() < deadline
        before = now
        time.sleep(3)


def spent(process: psutil.Process) -> float:
    return sum(process.cpu_times()[:4])


def ended() -> float:
    """Processor time of the children that have ended, and of theirs."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
