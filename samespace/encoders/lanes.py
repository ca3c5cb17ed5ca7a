"""What waits for an encoding thread, and which of it goes into the next batch.

Each call gets its share of the time: its entries are due one after another, from where the work stands when it comes,
so that a small call is done soon beside a large one (start-time fair queueing: Goyal, Vin, Cheng 1996).
"""

from collections import defaultdict, deque
from collections.abc import Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass
from heapq import merge
from itertools import accumulate, count, islice

import numpy as np

from samespace.core.asker import asker
from samespace.core.content import Content
from samespace.core.types import Modality, Vectors

# Batches of queries for one of bulk where both wait: where queries never end, bulk goes on all the same.
QUERIES_FIRST = 10

Lane = tuple[bool, Modality]
"""Whether it is interactive, and what it holds."""


class Call:
    """One caller's rows, and what it waits for."""

    def __init__(self, size: int, dim: int) -> None:
        self.rows: Vectors = np.empty((size, dim), np.float32)
        self._left = size
        self._result: Future[Vectors] = Future()

    @property
    def is_done(self) -> bool:
        """Whether the caller has its rows or its error, or waits no more."""
        return self._result.done()

    def deliver(self, index: int, row: Vectors) -> None:
        """Put one row in its place; the last one wakes the caller."""
        self.rows[index] = row
        self._left -= 1
        if not self._left:
            with suppress(InvalidStateError):
                self._result.set_result(self.rows)

    def fail(self, error: Exception) -> None:
        """Wake the caller with an error; the first one stands."""
        with suppress(InvalidStateError):
            self._result.set_exception(error)

    def wait(self) -> Vectors:
        """The rows once all are there, or the error, raised; GivenUp, TooLate as the one who asked waits."""
        try:
            return asker().result(self._result)
        finally:
            self._result.cancel()


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One content of a call; cost is the tokens of a text, 1 for anything else; `due` counts seconds of encoding."""

    call: Call
    index: int
    content: Content
    cost: int
    due: float
    number: int


class Lanes:
    """Lines of waiting entries: interactive and bulk, of each modality. Not locked."""

    def __init__(self) -> None:
        self._numbers = count()
        self._lanes: defaultdict[Lane, deque[Entry]] = defaultdict(deque)
        self._now = {True: 0.0, False: 0.0}
        self._in_a_row = 0

    def __len__(self) -> int:
        return sum(map(len, self._lanes.values()))

    def add(
        self,
        lane: Lane,
        call: Call,
        contents: Sequence[Content],
        costs: Sequence[int],
        throughput: float,
    ) -> None:
        """Put the contents of a call into a lane; `throughput` is the cost that a second takes."""
        dues = accumulate((cost / throughput for cost in costs), initial=self._now[lane[0]])
        fresh = [
            Entry(call, index, content, cost, due, next(self._numbers))
            for index, (content, cost, due) in enumerate(zip(contents, costs, dues, strict=False))
        ]
        self._lanes[lane] = deque(merge(self._lanes[lane], fresh, key=_order))

    def drop(self, call: Call) -> None:
        """Take out what is left of a call."""
        for lane, entries in self._lanes.items():
            if any(entry.call is call for entry in entries):
                self._lanes[lane] = deque(entry for entry in entries if entry.call is not call)

    def next_lane(self) -> Lane | None:
        """Interactive before bulk (nearly always); within each, the lane whose first entry is due first."""
        waiting = [lane for lane, entries in self._lanes.items() if entries]
        first = self._in_a_row < QUERIES_FIRST
        return min(
            waiting,
            key=lambda lane: (lane[0] is not first, *_order(self._lanes[lane][0])),
            default=None,
        )

    def take(self, lane: Lane, *, window: int, most: int, budget: float) -> list[Entry]:
        """Take a batch: the entry that is due first, and those most like it in length.

        The first `window` entries are looked at; at most `most` are taken, and only as many as cost at
        most `budget` once padded to the longest of them (one always is).
        """
        entries = self._lanes[lane]
        near = list(islice(entries, window))
        oldest = near[0].cost
        alike = sorted(near, key=lambda entry: abs(entry.cost - oldest))
        batch = alike[: _room(alike[:most], budget)]
        self._remove(entries, batch, len(near))
        self._now[lane[0]] = near[0].due
        self._in_a_row = self._in_a_row + 1 if lane[0] and self._has_bulk() else 0
        return batch

    def clear(self) -> list[Entry]:
        """Take everything."""
        left = [entry for entries in self._lanes.values() for entry in entries]
        for entries in self._lanes.values():
            entries.clear()
        return left

    def _has_bulk(self) -> bool:
        return any(entries for (interactive, _), entries in self._lanes.items() if not interactive)

    @staticmethod
    def _remove(entries: deque[Entry], batch: Sequence[Entry], window: int) -> None:
        taken = {entry.number for entry in batch}
        kept = [entry for entry in islice(entries, window) if entry.number not in taken]
        for _ in range(window):
            entries.popleft()
        entries.extendleft(reversed(kept))


def _order(entry: Entry) -> tuple[float, int]:
    return entry.due, entry.number


def _room(entries: Sequence[Entry], budget: float) -> int:
    longest = 0
    for size, entry in enumerate(entries):
        longest = max(longest, entry.cost)
        if size and longest * (size + 1) > budget:
            return size
    return len(entries)
