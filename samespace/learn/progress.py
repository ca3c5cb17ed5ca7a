"""How learning reports how far it is."""

import time
from collections.abc import Callable

from samespace.core.progress import Progress

ProgressCallback = Callable[[str, int, int], None]
"""Gets what is being done, how much of it is done, of how much."""


def silent(doing: str, done: int, total: int) -> None:
    """Reports nothing."""


def counting(report: ProgressCallback, doing: str, total: int) -> Callable[[int], None]:
    """Reports how many of `total` are done."""
    return lambda done: report(doing, done, total)


def estimating(show: Callable[[Progress], None]) -> ProgressCallback:
    """Reports to `show` with an estimate; what stands before the first comma names the task."""
    begun: dict[str, tuple[float, int]] = {}

    def report(doing: str, done: int, total: int) -> None:
        since, first = begun.setdefault(doing.partition(",")[0], (time.monotonic(), done))
        seconds = time.monotonic() - since
        rate = (done - first) / seconds if done > first and seconds > 0 else None
        show(Progress(done, total, doing, rate, (total - done) / rate if rate else None))

    return report
