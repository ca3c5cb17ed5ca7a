"""A data folder of an older release becomes one of this release."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Engine

from samespace.core.marks import Marks
from samespace.core.settings import Settings
from samespace.operations.stack.folder import VERSION, Folder
from samespace.operations.upgrade.records import keep, step_of
from samespace.store.migrations import upgrade as migrate
from samespace.store.sql import open_engine
from samespace.wiring import records_url


def move_on(folder: Folder, settings: Settings, report: Callable[[str], object]) -> None:
    """Upgrade what is older than this release, and say so; the caller holds the folder."""
    for step in plan(folder, settings):
        report(step)
    with _records(settings) as records:
        if records is not None:
            if settings.database_url is None and _is_behind(records):
                keep(folder.root / "records.db", _copy(folder))
            migrate(records)
    if folder.version < VERSION:
        # An index of an older release is found by it, and made again.
        Marks(folder.root).owe_verify()
        folder.moved_on()


def plan(folder: Folder, settings: Settings) -> list[str]:
    """What there is to do, in sentences."""
    if folder.is_there:
        folder.check_version()
    steps = []
    with _records(settings) as records:
        if records is not None and _is_behind(records):
            step = step_of(records)
            kept = "" if settings.database_url else f", kept as they were in {_copy(folder)}"
            steps.append(f"records: migrated from {step.found} to {step.newest}{kept}")
    if folder.is_there and folder.version < VERSION:
        steps.append(
            f"folder: from version {folder.version} to {VERSION}; the first worker verifies the index, "
            "and makes it again from the vector cache where it is of an older release"
        )
    return steps


@contextmanager
def _records(settings: Settings) -> Iterator[Engine | None]:
    """The records' database; None where there is none yet."""
    if settings.database_url is None and not (settings.data / "records.db").exists():
        yield None
        return
    engine = open_engine(records_url(settings))
    try:
        yield engine
    finally:
        engine.dispose()


def _is_behind(records: Engine) -> bool:
    return step_of(records).is_owed


def _copy(folder: Folder) -> Path:
    return folder.root / f"records.db.before-{version('samespace')}"
