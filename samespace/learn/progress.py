"""How learning reports how far it is."""

import time
from collections.abc import Callable
from dataclasses import dataclass

ProgressCallback = Callable[[str, int, int], None]
"""Gets what is being done, how much of it is done, of how much."""


def silent(doing: str, done: int, total: int) -> None:
    """Reports nothing."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """How far a task is, with its items per second since it was begun or resumed and the seconds left, once known."""

    doing: str
    done: int
    total: int
    per_second: float | None
    seconds_left: float | None


def estimating(show: Callable[[Estimate], None]) -> ProgressCallback:
    """Reports to `show` with an estimate; what stands before the first comma names the task."""
    begun: dict[str, tuple[float, int]] = {}

    def report(doing: str, done: int, total: int) -> None:
        since, first = begun.setdefault(doing.partition(",")[0], (time.monotonic(), done))
        seconds = time.monotonic() - since
        rate = (done - first) / seconds if done > first and seconds > 0 else None
        show(Estimate(doing, done, total, rate, (total - done) / rate if rate else None))

    return report
