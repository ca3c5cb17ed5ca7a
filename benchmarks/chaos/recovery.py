"""How long what a fault hit did not work: from the fault to the first success of each kind that began after it."""

import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(slots=True)
class _Wait:
    harm: str
    at: float
    kind: str
    seconds: float | None = None


class Recovery:
    """Faults, and what came back after them; times are `time.monotonic()`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waits: list[_Wait] = []
        self.faults: Counter[str] = Counter()

    def hit(self, harm: str, at: float, kinds: Sequence[str]) -> None:
        """A fault that keeps these kinds of operations from succeeding."""
        with self._lock:
            self.faults[harm] += 1
            self._waits += [_Wait(harm, at, kind) for kind in kinds]

    def succeeded(self, kind: str, began: float) -> None:
        """An operation that began then has just succeeded."""
        now = time.monotonic()
        with self._lock:
            for wait in self._waits:
                if wait.seconds is None and wait.kind == kind and wait.at < began:
                    wait.seconds = now - wait.at

    def longest(self) -> tuple[float, str]:
        """(seconds, of what after what); what never came back is infinitely long."""
        with self._lock:
            waits = [
                (float("inf") if wait.seconds is None else wait.seconds, wait)
                for wait in self._waits
            ]
        if not waits:
            return 0.0, "nothing"
        seconds, wait = max(waits, key=lambda one: one[0])
        return seconds, f"{wait.kind} after {wait.harm}"
