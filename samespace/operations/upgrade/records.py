"""From one release to the next: the records kept as they were, then migrated."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from samespace.core.disks import check_free
from samespace.core.errors import Misconfigured
from samespace.core.files import fsync
from samespace.store.migrations import newest, revision_of, revisions


@dataclass(frozen=True, slots=True)
class Step:
    """What the records are and what this release makes of them; `found` is None where there are none yet."""

    found: str | None
    newest: str

    @property
    def is_owed(self) -> bool:
        """Whether there are records, of an older release."""
        return self.found is not None and self.found != self.newest


def step_of(records: Engine) -> Step:
    """How far the records are behind; Misconfigured if they are ahead."""
    last, found = newest(), revision_of(records)
    if found not in {None, last} and found not in revisions():
        raise Misconfigured(
            f"the records were made by a newer release (revision {found}, this one knows {last})"
        )
    return Step(found, last)


def keep(file: Path, copy: Path) -> None:
    """Copy an SQLite file as it is now, whoever writes to it; the copy appears whole or not at all.

    OutOfSpace if there is no room for it, and for as much again while the tables are changed.
    """
    check_free(file.parent, 2 * file.stat().st_size)
    new = copy.with_name(f"{copy.name}.new")
    new.unlink(missing_ok=True)
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(new)) as target:
        source.backup(target)
    fsync(new)
    new.replace(copy)
