"""Checking a backup, and restoring it into stores that hold no records yet."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from sqlalchemy import Engine

from samespace.core.errors import Conflict, Misconfigured, Unreadable
from samespace.core.progress import Progress, unwatched
from samespace.operations.backup.archive import HEAD, MANIFEST, RECORDS, SETTINGS, VECTORS, members
from samespace.operations.backup.backup import FORMAT, Backup
from samespace.operations.backup.needed import needed_models, needed_originals
from samespace.operations.backup.stores import Report, Stores
from samespace.operations.backup.tables import at_one_moment, copy_rows, count_rows, opened
from samespace.store.migrations import revisions, upgrade
from samespace.store.sql import writing
from samespace.store.vectors import make_table


@dataclass(frozen=True, slots=True)
class Checked:
    """A backup that is whole: the release that wrote it, what it holds, the settings that were set then."""

    release: str
    backup: Backup
    settings: dict[str, Any]


def check(file: Path, *, report: Report = unwatched) -> Checked:
    """Read all of a backup; Unreadable if it is none, cut short or damaged, Misconfigured if it is too new."""
    with unpacked(file, report) as (checked, _):
        return checked


def restore(file: Path, stores: Stores, *, report: Report = unwatched) -> Checked:
    """Bring what a backup holds into empty stores; nothing is written before all of it was read and is whole.

    The records come last, in one transaction: a restore that was interrupted left none, and can be repeated.
    Raises what `check` does, and Conflict if there are records already.
    """
    upgrade(stores.records)
    make_table(stores.vectors)
    _check_empty(stores)
    with unpacked(file, report) as (checked, folder):
        with opened(folder / RECORDS) as records:
            upgrade(records)
            named = set(needed_originals(records)) | needed_models(records)
        _restore_blobs(file, named, stores, report)
        with opened(folder / VECTORS) as vectors:
            _restore_rows(vectors, stores.vectors)
        with opened(folder / RECORDS) as records:
            _restore_rows(records, stores.records)
        return checked


@contextmanager
def unpacked(file: Path, report: Report) -> Iterator[tuple[Checked, Path]]:
    """Read a whole backup; what it says of itself, and a folder with its databases while the block runs."""
    with tempfile.TemporaryDirectory() as name:
        folder, said = Path(name), dict[str, Any]()
        done, size = 0, file.stat().st_size if file.exists() else 0
        for member in members(file):
            if member.name in {RECORDS, VECTORS}:
                with (folder / member.name).open("wb") as copy:
                    shutil.copyfileobj(member.stream, copy, 1 << 20)
            elif member.name in {HEAD, SETTINGS, MANIFEST}:
                said[member.name] = json.loads(member.stream.read())
                _check_format(said[HEAD], file)
            done += member.size
            report(Progress(done, size, "checking the backup"))
        yield _checked(said, file), folder


def _check_format(head: dict[str, Any], file: Path) -> None:
    if head["format"] > FORMAT or head["revision"] not in revisions():
        raise Misconfigured(
            f"{file} was written by release {head['release']}, which is newer than this one"
        )


def _checked(said: dict[str, Any], file: Path) -> Checked:
    try:
        manifest = {name: value for name, value in said[MANIFEST].items() if name != "sums"}
        return Checked(said[HEAD]["release"], Backup(**manifest), said[SETTINGS])
    except (KeyError, TypeError) as error:
        raise Unreadable(f"{file} is not a backup: {error}") from error


def _check_empty(stores: Stores) -> None:
    with at_one_moment(stores.records) as connection:
        there = {name: count for name, count in count_rows(connection).items() if count}
    if there.keys() & {"collections", "documents", "keys"}:
        counts = ", ".join(f"{count} {name}" for name, count in there.items())
        raise Conflict(f"there is something already where this is to be restored: {counts}")


def _restore_blobs(file: Path, named: set[str], stores: Stores, report: Report) -> None:
    """Those that the records name: what was deleted while the backup was taken stays deleted."""
    done = 0
    for member in members(file):
        key = member.blob_key
        if key is not None and key.partition("/")[2] in named:
            stores.blobs.put(key, cast("BinaryIO", member.stream))
            done += 1
            report(Progress(done, max(done, len(named)), "restoring originals"))


def _restore_rows(source: Engine, target: Engine) -> None:
    with at_one_moment(source) as theirs, writing(target) as ours:
        copy_rows(theirs, ours)
