"""`samespace upgrade`: a data folder of an older release becomes one of this release; `up` does the same by itself."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from samespace.cli.common import JsonOption, settings_of
from samespace.cli.output import print_json
from samespace.core.marks import Marks

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from samespace.cli.folder import Folder
    from samespace.core.settings import Settings


def upgrade(
    context: typer.Context,
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="The data folder.")] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only say what would be done; status 1 if something.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Bring the data folder of an older release to this one, while nothing runs on it.

    `samespace up` does the same when it starts. The records are copied beside themselves first and then migrated
    in one transaction; the first worker afterwards verifies the index, and makes it again from the vector cache
    where it is of an older release. Whatever interrupts this, it can be started again.
    """
    from samespace.cli.folder import Folder

    settings = settings_of(context, data=data)
    folder = Folder(settings.data.resolve())
    if check:
        steps = plan(folder, settings)
    else:
        folder.prepare()
        steps = []
        with folder.lock("`samespace upgrade`", ""):
            move_on(folder, settings, steps.append)
    if as_json:
        print_json({"release": version("samespace"), "steps": steps})
    else:
        print("\n".join(steps or [f"{folder.root} is of this release already"]))
    raise typer.Exit(1 if check and steps else 0)


def move_on(folder: "Folder", settings: "Settings", report: Callable[[str], object]) -> None:
    """Upgrade what is older than this release, and say so; the caller holds the folder."""
    from samespace.care.upgrade import keep
    from samespace.cli.folder import VERSION
    from samespace.store.migrations import upgrade as migrate

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


def plan(folder: "Folder", settings: "Settings") -> list[str]:
    """What there is to do, in sentences."""
    from samespace.care.upgrade import step_of
    from samespace.cli.folder import VERSION

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
def _records(settings: "Settings") -> "Iterator[Engine | None]":
    """The records' database; None where there is none yet."""
    from samespace.core.wiring import records_url
    from samespace.store.sql import open_engine

    if settings.database_url is None and not (settings.data / "records.db").exists():
        yield None
        return
    engine = open_engine(records_url(settings))
    try:
        yield engine
    finally:
        engine.dispose()


def _is_behind(records: "Engine") -> bool:
    from samespace.care.upgrade import step_of

    return step_of(records).is_owed


def _copy(folder: "Folder") -> Path:
    return folder.root / f"records.db.before-{version('samespace')}"
