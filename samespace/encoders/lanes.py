"""What waits for an encoding thread, and which of it goes into the next batch."""

import threading
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count, islice

import numpy as np
from PIL.Image import Image

from samespace.core.types import Modality, Vectors

Lane = tuple[bool, Modality]
"""Whether it is interactive, and what it holds."""


class Call:
    """One caller's rows, and the event it waits for."""

    def __init__(self, size: int, dim: int) -> None:
        self.rows: Vectors = np.empty((size, dim), np.float32)
        self._left = size
        self._error: Exception | None = None
        self._done = threading.Event()

    @property
    def is_done(self) -> bool:
        """Whether the caller has its rows or its error."""
        return self._done.is_set()

    def deliver(self, index: int, row: Vectors) -> None:
        """Put one row in its place; the last one wakes the caller."""
        self.rows[index] = row
        self._left -= 1
        if not self._left:
            self._done.set()

    def fail(self, error: Exception) -> None:
        """Wake the caller with an error; the first one stands."""
        if not self.is_done:
            self._error = error
            self._done.set()

    def wait(self) -> Vectors:
        """The rows once all are there, or the error, raised."""
        self._done.wait()
        if self._error:
            raise self._error
        return self.rows


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One text or picture of a call; cost is its tokens, or 1 for a picture."""

    call: Call
    index: int
    value: str | Image
    cost: int
    number: int


class Lanes:
    """Four lines of waiting entries: interactive and bulk, texts and pictures. Not locked."""

    def __init__(self) -> None:
        self._numbers = count()
        self._lanes: dict[Lane, deque[Entry]] = {
            (interactive, modality): deque()
            for interactive in (True, False)
            for modality in Modality
        }

    def __len__(self) -> int:
        return sum(map(len, self._lanes.values()))

    def add(
        self, lane: Lane, call: Call, values: Iterable[str | Image], costs: Iterable[int]
    ) -> None:
        """Append the values of a call to a lane."""
        self._lanes[lane].extend(
            Entry(call, index, value, cost, next(self._numbers))
            for index, (value, cost) in enumerate(zip(values, costs, strict=True))
        )

    def next_lane(self) -> Lane | None:
        """Interactive before bulk; within each, the lane whose first entry has waited longest."""
        waiting = [lane for lane, entries in self._lanes.items() if entries]
        return min(
            waiting, key=lambda lane: (not lane[0], self._lanes[lane][0].number), default=None
        )

    def take(self, lane: Lane, *, window: int, most: int, budget: float) -> list[Entry]:
        """Take a batch: the entry that has waited longest, and those most like it in length.

        The first `window` entries are looked at; at most `most` are taken, and only as many as cost at
        most `budget` once padded to the longest of them (one always is).
        """
        entries = self._lanes[lane]
        near = list(islice(entries, window))
        oldest = near[0].cost
        alike = sorted(near, key=lambda entry: abs(entry.cost - oldest))
        batch = alike[: _room(alike[:most], budget)]
        self._remove(entries, batch, len(near))
        return batch

    def clear(self) -> list[Entry]:
        """Take everything."""
        left = [entry for entries in self._lanes.values() for entry in entries]
        for entries in self._lanes.values():
            entries.clear()
        return left

    @staticmethod
    def _remove(entries: deque[Entry], batch: Sequence[Entry], window: int) -> None:
        taken = {entry.number for entry in batch}
        kept = [entry for entry in islice(entries, window) if entry.number not in taken]
        for _ in range(window):
            entries.popleft()
        entries.extendleft(reversed(kept))


def _room(entries: Sequence[Entry], budget: float) -> int:
    longest = 0
    for size, entry in enumerate(entries):
        longest = max(longest, entry.cost)
        if size and longest * (size + 1) > budget:
            return size
    return len(entries)
