"""What happened on the way of one query: time spent, spaces that did not answer."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from samespace.core.asker import check_asker
from samespace.core.errors import (
    FingerprintMismatch,
    Misconfigured,
    NotFound,
    SamespaceError,
    TooLate,
    Unavailable,
)

log = logging.getLogger(__name__)


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


@contextmanager
def answering(space: str) -> Iterator[None]:
    """Unavailable for whatever a space breaks off with; errors of the caller and FingerprintMismatch pass.

    NotFound is an index that lacks the collection it should have: the caller named none.
    """
    try:
        yield
    except (NotFound, Misconfigured) as error:
        raise Unavailable(str(error)) from error
    except SamespaceError:
        raise
    except Exception as error:  # models and drivers raise whatever they stumble over
        log.exception("space %s does not answer", space)
        raise Unavailable(f"unexpected {type(error).__name__}: {error}") from error


@dataclass(slots=True)
class Trace:
    """One query's notes; `began` counts in seconds of `time.perf_counter`."""

    began: float = field(default_factory=time.perf_counter)
    encode: float = 0.0
    index: float = 0.0
    gaps: list[Gap] = field(default_factory=list)
    _only_mismatches: bool = True

    @contextmanager
    def encoding(self) -> Iterator[None]:
        """Count this as time in the encoders; GivenUp, TooLate before it is begun in vain."""
        check_asker()
        began = time.perf_counter()
        try:
            yield
        finally:
            self.encode += time.perf_counter() - began

    @contextmanager
    def indexing(self) -> Iterator[None]:
        """Count this as time in the index; GivenUp, TooLate before it is begun in vain."""
        check_asker()
        began = time.perf_counter()
        try:
            yield
        finally:
            self.index += time.perf_counter() - began

    @contextmanager
    def within(self, space: str) -> Iterator[None]:
        """Go on without this space if it cannot answer; what the caller did wrong is raised."""
        try:
            with answering(space):
                yield
        except TooLate:
            raise  # the space may answer yet, and the others would come too late as well
        except (Unavailable, FingerprintMismatch) as error:
            self._only_mismatches &= isinstance(error, FingerprintMismatch)
            if not self.misses(space):
                self.gaps.append(Gap(space, str(error)))

    def misses(self, space: str) -> bool:
        """Whether this space did not answer before."""
        return any(gap.space == space for gap in self.gaps)

    def require(self, answered: object) -> None:
        """An error, with the reasons, if nothing answered because something was out of order.

        FingerprintMismatch where that is all there is to say, for waiting does not mend it, else Unavailable.
        """
        if not self.gaps or answered:
            return
        reasons = "; ".join(f"{gap.space}: {gap.reason}" for gap in self.gaps)
        kind = FingerprintMismatch if self._only_mismatches else Unavailable
        raise kind(f"no space of the collection answers: {reasons}")

    def took(self) -> Took:
        """The times so far."""
        total = time.perf_counter() - self.began
        return Took(1000 * self.encode, 1000 * self.index, 1000 * total)
