"""Letting others have the processor first: bulk work waits for questions, also across processes."""

import logging
import os
import sys
from contextlib import suppress
from pathlib import Path

log = logging.getLogger(__name__)

_SELF = Path("/proc/self")


def yield_to_others(nice: int) -> None:
    """Lower the priority of this process, and of what it starts from now on, by `nice` (0 to 19)."""
    if nice == 0 or not hasattr(os, "nice"):
        return
    value = os.nice(nice)
    if sys.platform == "linux":
        _lower_threads(value)
        _lower_session(value)
    log.info("working at niceness %d", value)


def _lower_threads(value: int) -> None:
    """On Linux niceness belongs to a thread, and libraries may have started some when they were imported."""
    for task in (_SELF / "task").iterdir():
        with suppress(OSError):  # it has ended meanwhile
            os.setpriority(os.PRIO_PROCESS, int(task.name), value)


def _lower_session(value: int) -> None:
    """Where the kernel groups processes by session (usual on desktops), niceness counts inside the group only,
    and the group has a niceness of its own: sched(7), "The autogroup feature"."""
    if os.getsid(0) != os.getpid():
        return  # a session that is shared with others is not ours to slow down
    with suppress(OSError):  # a kernel without it, a container that may not
        (_SELF / "autogroup").write_text(str(value))
