"""What the checks of one run share."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from samespace.core.progress import Progress, Report
from samespace.operations.verify.report import Ledger
from samespace.services import Services

AT_ONCE = 1000

T = TypeVar("T")


@dataclass(slots=True)
class Run:
    """One run; what is younger than `grace` seconds may belong to work that the records do not know yet."""

    services: Services
    repair: bool
    grace: float
    submit: Callable[[list[str]], object]
    on_progress: Report
    total: int
    ledger: Ledger = field(default_factory=Ledger)
    began: float = field(default_factory=time.time)
    was_stopped: bool = False

    @property
    def settled(self) -> float:
        """The time before which a thing must have been made to be judged, in seconds since the epoch."""
        return self.began - self.grace

    def batches(self, things: Iterable[T], stage: str) -> Iterator[list[T]]:
        """The things, some at a time, until the run is told to stop."""
        left = iter(things)
        while not self._stops(stage) and (some := list(islice(left, AT_ONCE))):
            yield some

    def _stops(self, stage: str) -> bool:
        done = self.ledger.items + self.ledger.vectors + self.ledger.blobs
        so_far = Progress(done, max(self.total, done), stage)
        self.was_stopped = self.was_stopped or not self.on_progress(so_far)
        return self.was_stopped
