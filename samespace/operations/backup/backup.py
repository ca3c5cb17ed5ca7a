"""Backing up: a file that holds what cannot be made again, all of it as it was at one moment.

The records are the truth, so everything is taken to fit them. Originals are stored before their records
and never change: they are copied first, then the records, then the few originals that came meanwhile. If one
that the copied records name was deleted in between, the records are copied once more.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, closing, suppress
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO, cast

from samespace.core.errors import Misconfigured, NotFound
from samespace.core.progress import Progress, unwatched
from samespace.operations.backup.archive import HEAD, RECORDS, SETTINGS, VECTORS, Writer
from samespace.operations.backup.needed import (
    extent_of,
    names_of,
    needed_models,
    needed_originals,
)
from samespace.operations.backup.stores import Report, Stores
from samespace.operations.backup.tables import at_one_moment, copy_rows, opened
from samespace.store.blobs import MODELS, Blobs, original, thumbnails
from samespace.store.migrations import revision_of, revisions, upgrade
from samespace.store.sql import writing
from samespace.store.vectors import make_table

FORMAT = 1
MOST_EXAMPLES = 5
_IN_MEMORY = 8 << 20
_OF_THE_MOMENT = ("leases", "workers", "sessions", "asked_queries")
"""Tables that tell of running processes and browsers: who signed out since must not be signed in by a restore, nor
what was asked outlive its being forgotten."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds: rows of each table, blobs (`models`: files of packed models), bytes; and those that could
    not be had as they were.

    `lost` are gone from the blobs though documents or models need them, `damaged` are not the bytes they were.
    """

    created_at: float
    revision: str
    rows: dict[str, int]
    vectors: int
    originals: int
    thumbnails: int
    bytes: int
    lost: int = 0
    damaged: int = 0
    examples: list[str] = field(default_factory=list)
    models: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether every original and every file of a model was there, undamaged."""
        return not (self.lost or self.damaged)


@dataclass(slots=True)
class _Blobs:
    """The blobs copied so far."""

    stored: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    damaged: set[str] = field(default_factory=set)
    models: set[str] = field(default_factory=set)
    thumbnails: int = 0


def back_up(
    stores: Stores,
    stream: BinaryIO,
    settings: Mapping[str, Any],
    *,
    scratch: Path | None = None,
    report: Report = unwatched,
) -> Backup:
    """Write a backup to a stream, while everything runs; copies of the databases lie in `scratch` meanwhile.

    Misconfigured if a newer release made the records; Unavailable if a store does not answer.
    """
    revision, began = _known_revision(stores), time.time()
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(dir=scratch)))
        archive, copied = held.enter_context(Writer(stream)), _Blobs()
        archive.add_json(HEAD, _head(began, revision))
        _copy_blobs(needed_originals(stores.records), stores, archive, copied, report)
        _copy_models(needed_models(stores.records), stores, archive, copied, report)
        while True:
            moment = time.time()
            report(Progress(0, 1, "copying records"))
            rows = _copy_records(stores, folder / RECORDS, revision)
            if not _copy_what_came(folder / RECORDS, stores, archive, copied, report):
                break
        report(Progress(1, 1, "copying records"))
        vectors = _copy_vectors(stores, folder / VECTORS, moment)
        for name in (RECORDS, VECTORS):
            _add_file(archive, name, folder / name)
        archive.add_json(SETTINGS, dict(settings))
        done = Backup(
            moment,
            revision,
            rows,
            vectors,
            len(copied.stored),
            copied.thumbnails,
            archive.size,
            len(copied.lost),
            len(copied.damaged),
            _examples(copied, stores),
            len(copied.models),
        )
        archive.end(asdict(done))
        return done


def _known_revision(stores: Stores) -> str:
    revision = revision_of(stores.records)
    if revision is None:
        raise Misconfigured(f"{stores.records.url!r} holds no records: there is nothing to back up")
    if revision not in revisions():
        raise Misconfigured(
            f"the records were made by a newer release (revision {revision}, this one knows {revisions()[0]})"
        )
    return revision


def _head(began: float, revision: str) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "release": version("samespace"),
        "began_at": began,
        "revision": revision,
    }


def _copy_records(stores: Stores, file: Path, revision: str) -> dict[str, int]:
    file.unlink(missing_ok=True)
    with opened(file) as engine:
        upgrade(engine, revision)
        with at_one_moment(stores.records) as source, writing(engine) as target:
            return copy_rows(source, target, without=_OF_THE_MOMENT)


def _copy_vectors(stores: Stores, file: Path, moment: float) -> int:
    """Those of before the moment: what came later belongs to documents the copied records do not know."""
    with opened(file) as engine:
        make_table(engine)
        with at_one_moment(stores.vectors) as source, writing(engine) as target:
            where = {"vectors": lambda table: table.c.created_at <= moment}
            return copy_rows(source, target, where=where)["vectors"]


def _copy_what_came(
    file: Path, stores: Stores, archive: Writer, copied: _Blobs, report: Report
) -> bool:
    """What the copied records name of originals and models and is not stored yet; whether some is newly gone."""
    known, copied.lost = copied.lost, set()
    with opened(file) as engine:
        _copy_blobs(needed_originals(engine), stores, archive, copied, report)
        _copy_models(needed_models(engine), stores, archive, copied, report)
    return bool(copied.lost - known)


def _copy_blobs(
    hashes: Iterable[str], stores: Stores, archive: Writer, copied: _Blobs, report: Report
) -> None:
    total = extent_of(stores.records).documents
    for content in hashes:
        if content in copied.stored:
            continue
        try:
            digest = _copy_blob(original(content), stores.blobs, archive)
        except NotFound:
            copied.lost.add(content)
            continue
        copied.stored.add(content)
        if digest != content:
            copied.damaged.add(content)
        for key in thumbnails(content):
            with suppress(NotFound):
                _copy_blob(key, stores.blobs, archive)
                copied.thumbnails += 1
        report(Progress(len(copied.stored), max(total, len(copied.stored)), "copying originals"))


def _copy_models(
    hashes: Iterable[str], stores: Stores, archive: Writer, copied: _Blobs, report: Report
) -> None:
    for hash in sorted(set(hashes) - copied.models):
        try:
            digest = _copy_blob(f"{MODELS}/{hash}", stores.blobs, archive)
        except NotFound:
            copied.lost.add(hash)
            continue
        copied.models.add(hash)
        if digest != hash:
            copied.damaged.add(hash)
        report(Progress(len(copied.models), len(copied.models), "copying models"))


def _copy_blob(key: str, blobs: Blobs, archive: Writer) -> str:
    with ExitStack() as held:
        stream = held.enter_context(closing(blobs.open(key)))
        if not stream.seekable():
            # A member's length stands before it, and a download does not say its own.
            spooled = held.enter_context(tempfile.SpooledTemporaryFile(_IN_MEMORY))
            shutil.copyfileobj(stream, spooled)
            stream = cast("BinaryIO", spooled)
        size = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        return archive.add(f"blobs/{key}", stream, size)


def _add_file(archive: Writer, name: str, file: Path) -> None:
    with file.open("rb") as stream:
        archive.add(name, stream, file.stat().st_size)


def _examples(copied: _Blobs, stores: Stores) -> list[str]:
    bad = sorted(copied.lost | copied.damaged)[:MOST_EXAMPLES]
    return names_of(stores.records, bad)[:MOST_EXAMPLES] if bad else []
