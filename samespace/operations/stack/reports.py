"""What a stack says to whoever started it: written by a thread of its own, so that nobody waits for a reader."""

import os
import sys
import threading
import time
from collections import deque
from typing import Self

_MOST_LINES = 1000
_TRIES_EVERY_SECONDS = 0.5
_LAST_WORDS_SECONDS = 2.0


class Reports:
    """Lines for a file descriptor, standard output if none is given; `say` never waits and never fails.

    A reader that does not read keeps nothing else waiting. What a full disk refuses is written once there is room
    (the last thousand lines of it). Where nobody can read any more, nothing is written any more.
    """

    def __init__(self, to: int | None = None) -> None:
        self._to = _standard_output() if to is None else to
        self._waiting: deque[bytes] = deque(maxlen=_MOST_LINES)
        self._said = threading.Event()
        self._thread = threading.Thread(target=self._write_all, name="reports", daemon=True)
        self._closed = False

    def say(self, line: str) -> None:
        """Have a line written, soon."""
        if self._to is not None:
            self._waiting.append(f"{line}\n".encode("utf-8", "backslashreplace"))
            self._said.set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Give the last lines two seconds."""
        self._closed = True
        self._said.set()
        self._thread.join(_LAST_WORDS_SECONDS)

    def _write_all(self) -> None:
        until = None
        while self._to is not None and (until is None or time.monotonic() < until):
            self._said.wait(_TRIES_EVERY_SECONDS)
            self._said.clear()
            if self._closed and until is None:
                until = time.monotonic() + _LAST_WORDS_SECONDS
            self._write_waiting(self._to)
            if self._closed and not self._waiting:
                return

    def _write_waiting(self, to: int) -> None:
        """Until nothing waits or a disk refuses; a line is let go of once it is out."""
        while self._waiting:
            line = self._waiting.popleft()
            try:
                left = _write(to, line)
            except BrokenPipeError:
                self._to = None
                self._waiting.clear()
                return
            if left:
                self._waiting.appendleft(left)
                return


def _write(to: int, line: bytes) -> bytes:
    """What could not be written; BrokenPipeError where nobody reads any more."""
    while line:
        try:
            line = line[os.write(to, line) :]
        except BrokenPipeError:
            raise
        except OSError:
            return line
    return line


def _standard_output() -> int | None:
    """Its number; None where the process was started without one."""
    if sys.stdout is None:
        return None
    sys.stdout.flush()
    return sys.stdout.fileno()
