"""`samespace backup` and `restore`: they read and fill the stores themselves, so they run where the server runs."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, TextIO

import typer

from samespace.cli.terminal.common import DataOption, JsonOption, settings_of
from samespace.cli.terminal.output import note, print_fields, print_json
from samespace.cli.terminal.progress import showing_progress
from samespace.core.errors import Conflict, InvalidRequest, Misconfigured
from samespace.core.files import fsync

if TYPE_CHECKING:
    from samespace.core.settings import Settings
    from samespace.operations.backup.backup import Backup
    from samespace.operations.backup.restore import Checked
    from samespace.operations.backup.stores import Stores

STDOUT = "-"


def backup(
    context: typer.Context,
    dest: Annotated[
        str, typer.Argument(metavar="DEST", help="The file to write, a tar; - for stdout.")
    ],
    data: DataOption = None,
    check: Annotated[
        bool,
        typer.Option(
            "--check", help="Write nothing: read the backup DEST and check that it is whole."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write records, originals, vector cache and settings to one file, while everything runs.

    It is a snapshot of one moment. The index is not in it: it is made again from the vector cache. Keys are in it
    as hashes; secrets among the settings are left out and named. Exits with status 1 if originals that documents
    need were missing or damaged; everything else is in the backup nevertheless.
    """
    if check:
        from samespace.operations.backup.restore import check as read_whole

        with showing_progress() as show:
            checked = read_whole(Path(dest), report=show)
        _show_checked(checked, as_json=as_json)
        raise typer.Exit(0 if checked.backup.is_whole else 1)
    done = _write(settings_of(context, data=data), dest)
    _show(done, as_json=as_json, to=sys.stderr if dest == STDOUT else sys.stdout)
    raise typer.Exit(0 if done.is_whole else 1)


def restore(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(metavar="SOURCE", help="A file that `backup` wrote.")],
    data: DataOption = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Where the data folder is in use, move it aside; nothing is deleted."
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Restore a backup into a fresh data folder, or into the empty stores that the settings name.

    Nothing is written before the whole file has been read and found undamaged. The records come last: a restore
    that was interrupted can be repeated. The next start makes the index again from the vector cache.
    """
    from samespace.core.marks import Marks
    from samespace.operations.backup.restore import check as read_whole
    from samespace.operations.backup.restore import restore as bring_back

    settings = settings_of(context, data=data)
    if not source.is_file():
        raise InvalidRequest(f"there is no file {source}")
    if force:
        with showing_progress() as show:
            read_whole(source, report=show)
        _move_aside(settings)
    with _held(settings), _stores(settings) as stores, showing_progress() as show:
        restored = bring_back(source, stores, report=show)
        Marks(settings.data).owe_verify()
        _make_index(settings)
    _show_checked(restored, as_json=as_json)
    if not as_json:
        note("the index is made again from the vector cache: " + _next_step(settings))


def _write(settings: "Settings", dest: str) -> "Backup":
    from samespace.core.disks import check_free
    from samespace.operations.backup.backup import back_up
    from samespace.operations.backup.needed import extent_of
    from samespace.operations.backup.settings import kept_settings

    _check_there(settings)
    file = None if dest == STDOUT else Path(dest).absolute()
    with _stores(settings) as stores, showing_progress() as show:
        scratch = file.parent if file else None
        if file:
            check_free(
                file.parent, extent_of(stores.records).bytes + 3 * _size_of_databases(settings)
            )
        with _written(file) as stream:
            return back_up(stores, stream, kept_settings(settings), scratch=scratch, report=show)


def _check_there(settings: "Settings") -> None:
    if settings.database_url is None and not (settings.data / "records.db").exists():
        raise Misconfigured(f"there are no records in {settings.data}: say --data DIR")


def _size_of_databases(settings: "Settings") -> int:
    files = [settings.data / name for name in ("records.db", "vectors.db")]
    return sum(file.stat().st_size for file in files if file.exists())


@contextmanager
def _written(file: Path | None) -> Iterator[BinaryIO]:
    """The stream of a file that appears whole or not at all; of stdout if there is none."""
    if file is None:
        yield sys.stdout.buffer
        return
    if file.exists():
        raise Conflict(f"{file} exists already; a backup overwrites nothing")
    new = file.with_name(f".{file.name}.new")
    try:
        with new.open("wb") as stream:
            new.chmod(0o600)
            yield stream
        fsync(new)
        new.rename(file)
        fsync(file.parent)
    finally:
        new.unlink(missing_ok=True)


@contextmanager
def _stores(settings: "Settings") -> "Iterator[Stores]":
    from samespace.operations.backup.stores import Stores
    from samespace.store.sql import open_engine
    from samespace.store.vectors import make_table
    from samespace.wiring import open_blobs, records_url, vectors_url

    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    stores = Stores(
        open_engine(records_url(settings)), open_engine(vectors_url(settings)), open_blobs(settings)
    )
    try:
        make_table(stores.vectors)
        yield stores
    finally:
        stores.close()


@contextmanager
def _held(settings: "Settings") -> Iterator[None]:
    """The data folder, prepared; Conflict while a stack runs on it."""
    from samespace.operations.stack.folder import Folder

    folder = Folder(settings.data.resolve())
    folder.prepare()
    with folder.lock("`samespace restore`", ""):
        yield


def _move_aside(settings: "Settings") -> None:
    from samespace.operations.stack.folder import Folder

    folder = Folder(settings.data.resolve())
    if folder.root.exists() and any(folder.root.iterdir()):
        folder.run.mkdir(exist_ok=True, mode=0o700)
        with folder.lock("`samespace restore`", ""):
            aside = folder.root.with_name(
                f"{folder.root.name}.before-{datetime.now(UTC):%Y%m%dT%H%M%S}"
            )
            folder.root.rename(aside)
        note(f"{folder.root} was moved to {aside}")


def _make_index(settings: "Settings") -> None:
    """On a server: workers may go on with documents before anybody verifies. The embedded stack's do it themselves."""
    if settings.milvus_uri is None:
        return
    from samespace.store.index_kinds import kind_of
    from samespace.wiring import open_index, open_records_of

    index, records = open_index(settings), open_records_of(settings)
    try:
        for collection in records.collections.all():
            for one in collection.indexes:
                kind_of(one, records, index).create(one)
    finally:
        records.close()


def _next_step(settings: "Settings") -> str:
    if settings.milvus_uri is None:
        return "by the first `samespace up`"
    return "by `samespace verify --repair`, once the workers run"


def _show_checked(checked: "Checked", *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(checked))
        return
    _show(checked.backup, as_json=False, to=sys.stdout)
    said = checked.settings
    for name, value in said["set"].items():
        note(f"was set: SAMESPACE_{name.upper()}={value}")
    for name in said["secrets"]:
        note(f"a secret, not in the backup: SAMESPACE_{name.upper()}")


def _show(done: "Backup", *, as_json: bool, to: TextIO) -> None:
    if as_json:
        print_json(asdict(done), to)
        return
    made = datetime.fromtimestamp(done.created_at, UTC)
    fields = {
        "of": made.isoformat(timespec="seconds"),
        **{name: done.rows.get(name, 0) for name in ("collections", "documents", "items", "keys")},
        "vectors": done.vectors,
        "originals": done.originals,
        **({"files of models": done.models} if done.models else {}),
        "bytes": done.bytes,
    }
    print_fields(fields, to)
    if not done.is_whole:
        note(
            f"{done.lost} originals or files of models are gone and {done.damaged} are damaged, such as "
            f"{'; '.join(done.examples)}: add these documents again"
        )
