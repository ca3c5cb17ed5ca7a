"""Fault points: named places at which a test makes a process die, fail or wait. Outside of tests nothing is armed.

What is armed is a list, `<point>=<action>[@<nth>][:<file>]`, separated by commas. The actions:

- `kill`: this process dies at once, as by kill -9
- `full`: OSError, as by a full disk
- `broken`: OSError, as by a disk that cannot be read or written
- `wait`: goes on when the file is gone

A fault happens from the nth time on that its point is reached (the first, if nothing is said). With a file it
happens, and is counted, only while that file exists; `kill` removes it, so that one file is one death.
"""

import errno
import os
import re
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from samespace.core.errors import Misconfigured

POINTS = frozenset(
    {
        "upload.write",  # an upload goes to its file on disk
        "blobs.write",  # an original goes to disk
        "accept.stored",  # the original is stored, the record row is not written
        "accept.recorded",  # the row is committed, nobody was told
        "collection.indexed",  # a new collection stands in the index, nobody can find it yet
        "model.packed",  # the files of a model are stored, the model is not on record
        "model.fetched",  # a packed model lies on this machine, not yet in its place
        "model.removed",  # a model is off the record, its files are still there
        "build.written",  # rows stand in an index that is built, nothing of it is noted
        "build.noted",  # what they are is noted, more of the collection is left
        "change.begun",  # an index that is to be built is on record, and no job for it
        "change.switching",  # the indexes have changed their roles, and the transaction has not ended
        "change.switched",  # it has, nobody was told
        "change.given_up",  # an index is given up, all it held is there
        "change.dropped",  # it is out of the store, its row and its vectors are there
        "work.claimed",  # documents are claimed
        "embed.parsed",  # a document is opened and cut
        "vectors.kept",  # a slice is encoded and in the vector cache
        "embed.indexed",  # a slice stands in the index in one space, not in the records
        "finish.ready",  # documents are live, the versions they replace are not swept
        "delete.unindexed",  # documents are out of the index, not out of the records
        "delete.removed",  # a document is out of the records, its blob and vectors are still there
    }
)
_FORM = re.compile(r"(?P<point>[^=]+)=(?P<action>[a-z]+)(@(?P<nth>\d+))?(:(?P<file>.+))?")
_PAUSE = 0.01


@dataclass(slots=True)
class _Fault:
    act: Callable[[Path | None], None]
    nth: int
    file: Path | None
    reached: int = 0

    def is_due(self) -> bool:
        if self.file is not None and not self.file.exists():
            return False
        with _counting:
            self.reached += 1
            return self.reached >= self.nth


_armed: dict[str, _Fault] = {}
_counting = threading.Lock()


def fault_point(point: str) -> None:
    """Say that this point is reached; OSError, a wait or the end of the process if a test armed it."""
    fault = _armed.get(point)
    if fault is not None and fault.is_due():
        fault.act(fault.file)


def arm(faults: str) -> None:
    """Arm these and no others; Misconfigured for a point or an action that is not known."""
    found = dict(_read(each.strip()) for each in faults.split(",") if each.strip())
    _armed.clear()
    _armed.update(found)


def _read(text: str) -> tuple[str, _Fault]:
    form = _FORM.fullmatch(text)
    if form is None or form["action"] not in _ACTIONS:
        raise Misconfigured(
            f"SAMESPACE_FAULTS has {text!r}: <point>=<action>[@<nth>][:<file>] is wanted, "
            f"actions are {', '.join(_ACTIONS)}"
        )
    if form["point"] not in POINTS:
        raise Misconfigured(
            f"SAMESPACE_FAULTS names the point {form['point']!r}, known are {', '.join(sorted(POINTS))}"
        )
    file = Path(form["file"]) if form["file"] else None
    return form["point"], _Fault(_ACTIONS[form["action"]], int(form["nth"] or 1), file)


def _kill(file: Path | None) -> None:
    if file is not None:
        file.unlink()
    os.kill(os.getpid(), signal.SIGKILL)


def _wait(file: Path | None) -> None:
    while file is not None and file.exists():
        time.sleep(_PAUSE)


def _failing(number: int) -> Callable[[Path | None], None]:
    def fail(_: Path | None) -> None:
        raise OSError(number, os.strerror(number))

    return fail


_ACTIONS: dict[str, Callable[[Path | None], None]] = {
    "kill": _kill,
    "full": _failing(errno.ENOSPC),
    "broken": _failing(errno.EIO),
    "wait": _wait,
}
