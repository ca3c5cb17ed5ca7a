"""Waiting until the stack has done what came before, so that nothing of it is measured with what comes next."""

import time
from collections.abc import Iterable

import psutil

from benchmarks.chaos.stack import Running

_LOOK_SECONDS = 1.0
_BUSY = 0.2
_LONGEST_SECONDS = 120.0


def wait_until_calm(stack: Running) -> None:
    """Until all processes together use less than a fifth of a core for a second; two minutes at most.

    Thumbnails and deletions go on after what waits for them was told; no count of documents shows them.
    """
    until = time.monotonic() + _LONGEST_SECONDS
    while time.monotonic() < until:
        before, started = processor_seconds(stack.processes()), time.perf_counter()
        time.sleep(_LOOK_SECONDS)
        used = processor_seconds(stack.processes()) - before
        if used < _BUSY * (time.perf_counter() - started):
            return


def processor_seconds(processes: Iterable[psutil.Process | None]) -> float:
    """Processor time that these have used so far, by themselves and for the kernel."""
    return sum(_seconds(each) for each in processes if each is not None)


def _seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)
