"""Who waits for an answer: until when, and whether they are still there.

It goes with a request into the thread that works for it, as a context variable, so that whatever waits deep down
(for an encoder, for a child process) waits no longer than the one who asked. Where nobody was named, as in a worker,
the wait is without end.
"""

import math
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from samespace.core.errors import GivenUp, TooLate

T = TypeVar("T")


class Asker:
    """One who asked and waits `seconds` at most, counted from `begin`; any thread may call."""

    def __init__(self, seconds: float = math.inf) -> None:
        self._seconds = seconds
        self._until = math.inf
        self._is_gone = False
        self._waiting: list[threading.Event] = []
        self._lock = threading.Lock()

    def begin(self) -> None:
        """The question is there as a whole: from now on the seconds count."""
        self._until = time.monotonic() + self._seconds

    def leave(self) -> None:
        """Nobody waits for the answer any more: what waits on their behalf wakes up."""
        with self._lock:
            self._is_gone = True
            for event in self._waiting:
                event.set()

    def check(self) -> None:
        """Between two steps of the work: GivenUp if nobody waits for it, TooLate past the seconds."""
        if self._is_gone:
            raise GivenUp("the one who asked has gone")
        if time.monotonic() >= self._until:
            raise TooLate(
                f"there was no answer within {self._seconds:g} seconds (SAMESPACE_SEARCH_SECONDS): "
                "the server has too much to do, or this is too much at once; ask again later, or for less"
            )

    def result(self, future: "Future[T]") -> T:
        """The result of that future, or its error, raised; GivenUp, TooLate."""
        done = threading.Event()
        with self._woken(done):
            future.add_done_callback(lambda _: done.set())
            while not future.done():
                self.check()
                done.wait(self._left)
        return future.result()

    @property
    def _left(self) -> float | None:
        if self._until == math.inf:
            return None
        return max(0.0, self._until - time.monotonic())

    @contextmanager
    def _woken(self, event: threading.Event) -> Iterator[None]:
        with self._lock:
            self._waiting.append(event)
            if self._is_gone:
                event.set()
        try:
            yield
        finally:
            with self._lock:
                self._waiting.remove(event)


_NOBODY = Asker()
_asker: ContextVar[Asker] = ContextVar("asker", default=_NOBODY)


def asker() -> Asker:
    """The one for whom this thread works."""
    return _asker.get()


@contextmanager
def asking(who: Asker) -> Iterator[None]:
    """Within the block, and in the threads that are sent to work from there, it is for them."""
    token = _asker.set(who)
    try:
        yield
    finally:
        _asker.reset(token)


def check_asker() -> None:
    """Between two steps of the work: GivenUp, TooLate."""
    _asker.get().check()
