"""A server that was silent once is not waited for again and again."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from samespace.core.errors import Unavailable

LONG_SECONDS = 2.0
PAUSE_SECONDS = 1.0


class Silence:
    """Remembers that a call failed after LONG_SECONDS or more.

    For PAUSE_SECONDS every other call is refused at once; after that one call pings first, and only its
    answer opens the way again. Threads may share it.
    """

    def __init__(self, address: str, ping: Callable[[float], object]) -> None:
        self._address = address
        self._ping = ping
        self._lock = threading.Lock()
        self._is_silent = False
        self._ask_again = 0.0

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Unavailable at once while the server is silent; notes whether it has become so."""
        self._reassure()
        began = time.monotonic()
        try:
            yield
        except Unavailable:
            if time.monotonic() - began >= LONG_SECONDS:
                self._note()
            raise

    def _reassure(self) -> None:
        with self._lock:
            if not self._is_silent:
                return
            if time.monotonic() < self._ask_again:
                raise Unavailable(f"index at {self._address}: it did not answer a moment ago")
            self._ask_again = time.monotonic() + LONG_SECONDS + PAUSE_SECONDS
        try:
            self._ping(LONG_SECONDS)
        except Unavailable:
            self._note()
            raise
        self._is_silent = False

    def _note(self) -> None:
        with self._lock:
            self._is_silent = True
            self._ask_again = time.monotonic() + PAUSE_SECONDS
