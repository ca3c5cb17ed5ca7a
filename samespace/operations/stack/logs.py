"""Logs that stay small: the supervisor renames a log that has grown, and who writes it opens a new one.

Nothing is copied and nothing is cut, so no line is lost: a writer that has not noticed yet goes on in the renamed
file. Lines go to a file and through no pipe, so the last ones before a crash are there, and nobody dies of a
reader that is gone.
"""

import contextlib
import os
import threading
from itertools import pairwise
from pathlib import Path

_LOOKS_EVERY_SECONDS = 1.0
_MODE = 0o600
_STDOUT, _STDERR = 1, 2


def rotate(log: Path, most_bytes: int, kept: int) -> bool:
    """Rename a log of more bytes to `<name>.1`, that to `.2` and so on, the oldest of `kept` goes; whether it did."""
    try:
        if log.stat().st_size <= most_bytes:
            return False
    except FileNotFoundError:
        return False
    names = [log, *(log.with_name(f"{log.name}.{number}") for number in range(1, kept + 1))]
    for newer, older in reversed(list(pairwise(names))):
        if newer.exists():
            newer.replace(older)
    return True


def follow(log: Path) -> None:
    """Let this process write on to the file of this name whenever it is another one, until the process ends."""
    threading.Thread(target=_follow, args=[log], name="log", daemon=True).start()


def _follow(log: Path) -> None:
    pause = threading.Event()
    while not pause.wait(_LOOKS_EVERY_SECONDS):
        # A disk that takes no new file now may take one later; until then the lines go where they went.
        with contextlib.suppress(OSError):
            if not _is_open(log):
                reopen(log)


def _is_open(log: Path) -> bool:
    try:
        return os.path.samestat(log.stat(), os.fstat(_STDOUT))
    except FileNotFoundError:
        return False


def reopen(log: Path) -> None:
    """Make stdout and stderr of this process the file of this name, at its end."""
    new = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _MODE)
    try:
        for number in (_STDOUT, _STDERR):
            os.dup2(new, number)
    finally:
        os.close(new)
