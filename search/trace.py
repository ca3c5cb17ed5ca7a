"""What happened on the way of one query: time spent, spaces that did not answer."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from samespace.core.errors import Unavailable


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds in the encoders, in the index, and altogether."""

    encode_ms: float
    index_ms: float
    total_ms: float


@dataclass(frozen=True, slots=True)
class Gap:
    """A space that did not answer, and why."""

    space: str
    reason: str


@dataclass(slots=True)
class Trace:
    """One query's notes; `began` counts in seconds of `time.perf_counter`."""

    began: float = field(default_factory=time.perf_counter)
    encode: float = 0.0
    index: float = 0.0
    gaps: list[Gap] = field(default_factory=list)

    @contextmanager
    def encoding(self) -> Iterator[None]:
        """Count this as time in the encoders."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.encode += time.perf_counter() - began

    @contextmanager
    def indexing(self) -> Iterator[None]:
        """Count this as time in the index."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.index += time.perf_counter() - began

    @contextmanager
    def within(self, space: str) -> Iterator[None]:
        """Go on without this space if it turns out to be unavailable."""
        try:
            yield
        except Unavailable as error:
            if all(gap.space != space for gap in self.gaps):
                self.gaps.append(Gap(space, str(error)))

    def require(self, answered: object) -> None:
        """Unavailable, with the reasons, if nothing answered because something was unavailable."""
        if self.gaps and not answered:
            reasons = "; ".join(f"{gap.space}: {gap.reason}" for gap in self.gaps)
            raise Unavailable(f"no space of the collection answers: {reasons}")

    def took(self) -> Took:
        """The times so far."""
        total = time.perf_counter() - self.began
        return Took(1000 * self.encode, 1000 * self.index, 1000 * total)
