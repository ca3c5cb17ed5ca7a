"""What the checks of one run share."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from samespace.encoders.load import Encoders
from samespace.operations.verify.report import Ledger
from samespace.store.blobs import Blobs
from samespace.store.index import Index
from samespace.store.records import Records
from samespace.store.vectors import VectorCache

AT_ONCE = 1000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stores:
    """The records, what is held against them, and the encoders whose vectors it should be."""

    records: Records
    blobs: Blobs
    vectors: VectorCache
    index: Index
    encoders: Encoders


@dataclass(slots=True)
class Run:
    """One run; what is younger than `grace` seconds may belong to work that the records do not know yet."""

    stores: Stores
    repair: bool
    grace: float
    submit: Callable[[list[str]], object]
    must_stop: Callable[[], bool]
    ledger: Ledger = field(default_factory=Ledger)
    began: float = field(default_factory=time.time)
    was_stopped: bool = False

    @property
    def settled(self) -> float:
        """The time before which a thing must have been made to be judged, in seconds since the epoch."""
        return self.began - self.grace

    def batches(self, things: Iterable[T]) -> Iterator[list[T]]:
        """The things, some at a time, until the run is told to stop."""
        left = iter(things)
        while not self._stops() and (some := list(islice(left, AT_ONCE))):
            yield some

    def _stops(self) -> bool:
        self.was_stopped = self.was_stopped or self.must_stop()
        return self.was_stopped
