"""What wakes who watches over processes: the end of one, a ring, or the clock; nothing else costs anything."""

import contextlib
import os
import selectors
import subprocess
import time
import weakref
from collections.abc import Iterable

Process = subprocess.Popen[bytes]

# Where the kernel tells of no end, it is looked for this often.
_LOOKS_EVERY_SECONDS = 0.25


class Bell:
    """One waits, anybody rings; a ring that comes before the wait is heard all the same."""

    def __init__(self) -> None:
        self._heard, self._rung = os.pipe()
        for end in (self._heard, self._rung):
            os.set_blocking(end, False)
            weakref.finalize(self, os.close, end)

    def wake(self) -> None:
        """Wake the one who waits, or who will."""
        with contextlib.suppress(BlockingIOError):  # full of rings
            os.write(self._rung, b".")

    def wait(self, processes: Iterable[Process], seconds: float) -> None:
        """Return when it rings, when one of these that run has ended, or after so long at most."""
        until = time.monotonic() + seconds
        running = [each for each in processes if each.returncode is None]
        with contextlib.ExitStack() as stack:
            selector = stack.enter_context(selectors.DefaultSelector())
            selector.register(self._heard, selectors.EVENT_READ)
            pause = seconds if _told_of_ends(running, selector, stack) else _LOOKS_EVERY_SECONDS
            while not selector.select(max(0.0, min(pause, until - time.monotonic()))):
                if time.monotonic() >= until or any(each.poll() is not None for each in running):
                    return
        with contextlib.suppress(BlockingIOError):
            os.read(self._heard, 4096)


def _told_of_ends(
    processes: list[Process], selector: selectors.BaseSelector, stack: contextlib.ExitStack
) -> bool:
    """Whether the kernel will tell the selector of the end of each: Linux does, others and old ones do not."""
    if not hasattr(os, "pidfd_open"):
        return False
    for each in processes:
        try:
            end = os.pidfd_open(each.pid)
        except OSError:  # an old kernel, or it has ended and somebody asked
            return False
        stack.callback(os.close, end)
        selector.register(end, selectors.EVENT_READ)
    return True
