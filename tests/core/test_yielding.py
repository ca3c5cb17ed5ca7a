"""A process that stands back does so with every thread and every child."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from samespace.core.settings import Settings
from tests.services import ROOT

_REPORT = """
import os, subprocess, sys, threading
from samespace.core.yielding import yield_to_others

release = threading.Event()
early = threading.Thread(target=release.wait, daemon=True)
early.start()
wanted = min(os.nice(0) + 3, 19)
yield_to_others(3)
ask = [sys.executable, "-c", "import os; print(os.nice(0))"]
child = int(subprocess.run(ask, capture_output=True, check=True, text=True).stdout)
tasks = [int(task) for task in os.listdir("/proc/self/task")]
assert {child, *(os.getpriority(os.PRIO_PROCESS, task) for task in tasks)} == {wanted}
print(len(tasks))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_threads_that_were_there_and_children_stand_back_too() -> None:
    shown = subprocess.run(
        [sys.executable, "-c", _REPORT], capture_output=True, check=True, text=True, cwd=ROOT
    )
    assert int(shown.stdout) > 1


_BURN = """
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from samespace.core.yielding import yield_to_others

yield_to_others(int(sys.argv[1]))
print("at work", flush=True)
while True:
    pass
"""


@pytest.mark.alone
@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="keeps two processes on one core")
def test_bulk_work_stands_back_and_has_a_floor() -> None:
    """Shares of one core, whatever else this machine is doing: a third of what another process gets there."""
    default = Settings.model_fields["worker_nice"].default
    core = {min(os.sched_getaffinity(0))}
    with ExitStack() as stack:
        both = [stack.enter_context(burning(nice)) for nice in (0, default)]
        for process in both:
            os.sched_setaffinity(process.pid, core)
        with suppress(OSError):
            # Where the kernel groups by session, a group begins with no niceness, whatever that of these tests is.
            Path(f"/proc/{both[0].pid}/autogroup").write_text(str(os.nice(0)))
        before = [spent(process) for process in both]
        other = own = 0.0
        # A second tells, where nobody else is at work there; else the shares even out in a few.
        while other < 1.0 or (other < 4.0 and not 0.2 < own / other < 0.5):
            time.sleep(0.05)
            other, own = (spent(process) - then for process, then in zip(both, before, strict=True))
    assert 0.2 < own / other < 0.5


@contextmanager
def burning(nice: int) -> Iterator[psutil.Process]:
    command = [sys.executable, "-c", _BURN, str(nice)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, cwd=ROOT, start_new_session=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"at work\n"
            yield psutil.Process(process.pid)
        finally:
            process.kill()


def spent(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system
