"""`samespace add`: files, folders and texts into a collection, and what became of them."""

import dataclasses
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samespace.cli.commands.files import external_id, find_files, folder_prefix, walk
from samespace.cli.commands.sync import check_removal, folder_to_sync, memory_of, remember
from samespace.cli.terminal.common import (
    DEFAULT_COLLECTION,
    CollectionOption,
    connect,
    parse_object,
    settings_of,
)
from samespace.cli.terminal.output import note
from samespace.cli.terminal.progress import Show, showing_progress
from samespace.core.errors import Conflict, NotFound, Unsupported
from samespace.core.progress import Progress

if TYPE_CHECKING:
    from samespace.client import Client, Source
    from samespace.client.views import Job
    from samespace.client.wire import Accepted, Added

STDIN = "-"
COMING_IN = "still coming in"
URLS = ("http://", "https://")
KEPT_BOTH = "an older document of this name is kept beside it; with --replace it is replaced"


PathsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="PATH", help="Files, folders, patterns, URLs; - for what is piped in."),
]
PresetOption = Annotated[
    str | None, typer.Option(metavar="NAME", help="Preset of the collection, if it is created.")
]
MetadataOption = Annotated[
    list[str] | None,
    typer.Option(
        "--metadata", "-m", metavar="KEY=TEXT|KEY:=JSON|JSON", help="Metadata of each document."
    ),
]
ReplaceMetadataOption = Annotated[
    bool,
    typer.Option("--replace-metadata", help="Replace all metadata by this (or by none)."),
]
SyncOption = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Add this folder, and remove documents whose files are gone."),
]
RemoveOption = Annotated[
    bool, typer.Option("--yes", "-y", help="With --sync: remove however many are gone.")
]
HiddenOption = Annotated[bool, typer.Option("--hidden", help="Include hidden files.")]
NameOption = Annotated[str, typer.Option(metavar="NAME", help="Name of what is piped in.")]
ReplaceOption = Annotated[
    bool, typer.Option("--replace", help="What is piped in replaces an older one of its name.")
]
EncodingOption = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Encoding of texts that are not Unicode, such as cp1251."),
]
NoWaitOption = Annotated[bool, typer.Option("--no-wait", help="Do not wait until ready.")]


@dataclass(slots=True)
class Outcome:
    """What became of everything that was to be added."""

    counts: Counter[str] = field(default_factory=Counter)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)


def add(
    context: typer.Context,
    paths: PathsArgument = None,
    *,
    collection: CollectionOption = DEFAULT_COLLECTION,
    preset: PresetOption = None,
    metadata: MetadataOption = None,
    replace_metadata: ReplaceMetadataOption = False,
    sync: SyncOption = None,
    yes: RemoveOption = False,
    hidden: HiddenOption = False,
    name: NameOption = "stdin",
    replace: ReplaceOption = False,
    encoding: EncodingOption = None,
    no_wait: NoWaitOption = False,
) -> None:
    """Add documents; the collection is created if it is missing.

    A file is identified by its absolute path: added again it costs nothing if it has not changed, and
    replaces the old version if it has; one that is still being processed is waited for. A URL is fetched by
    the server, if that is enabled. --sync asks before it removes more than a tenth of what came from the
    folder, and removes nothing where it cannot ask. Exits with status 1 if something failed.

    Metadata values are text unless given as JSON: -m version=1.10 -m year:=2024 -m '{"tags": ["a"]}'. Keys
    that are not named keep their values; -m box= removes a key, --replace-metadata all others.
    """
    folder = None if sync is None else folder_to_sync(sync)
    sources = with_ways(
        sources_of(paths or [], sync=folder, hidden=hidden, name=name),
        encoding=encoding,
        replace_metadata=replace_metadata,
        replace_same_name=replace,
    )
    about = parse_metadata(metadata or [])
    settings = settings_of(context)
    with connect(context) as client:
        ensure_collection(client, collection, preset)
        if folder is not None:
            check_removal(client, collection, folder, sources, settings, yes=yes)
        outcome = carry_out(client, collection, sources, about, folder, waits=not no_wait)
    if folder is not None:
        remember(folder, memory_of(settings))
    report(outcome, waited=not no_wait)
    if outcome.failed or outcome.counts["cancelled"]:
        raise typer.Exit(1)


def carry_out(
    client: "Client",
    collection: str,
    sources: "Sequence[Source]",
    metadata: Mapping[str, Any],
    folder: Path | None,
    *,
    waits: bool,
) -> Outcome:
    """Send everything, remove what a folder that is kept in sync has no more, and wait; what became of it."""
    begun: list[str] = []
    with showing_progress() as show, saying_what_goes_on(begun):
        added = send(client, collection, sources, metadata, show, on_job=begun.append)
        gone = remove_gone(client, collection, folder, sources) if folder else []
        jobs = wait_for(client, added["job_ids"], show) if waits else []
    sent = [each.external_id or each.shown_name for each in sources]
    outcome = outcome_of(sent, added["documents"], jobs)
    outcome.counts["removed"] = len(gone)
    return outcome


def sources_of(
    paths: Sequence[str], *, sync: Path | None, hidden: bool, name: str
) -> "list[Source]":
    """What is to be added; a usage error if that is nothing at all."""
    from samespace.client import Source, Url

    urls = [path for path in paths if path.lower().startswith(URLS)]
    piped = [Source(sys.stdin.buffer.read(), name=name)] if STDIN in paths else []
    names = [path for path in paths if path != STDIN and path not in urls]
    files = find_files(names, hidden=hidden)
    if sync is not None:
        files += walk(sync, hidden=hidden)
    if not paths and sync is None:
        raise typer.BadParameter("give files, folders, - or --sync DIR", param_hint="PATH...")
    unique = dict.fromkeys(files)
    found = [Source(file, external_id=external_id(file)) for file in unique]
    return piped + found + [Source(Url(url)) for url in dict.fromkeys(urls)]


def with_ways(
    sources: "Sequence[Source]",
    *,
    encoding: str | None,
    replace_metadata: bool,
    replace_same_name: bool,
) -> "list[Source]":
    """The sources, with how they are to be read and what is to become of metadata and of documents of the same name
    that are there already."""
    return [
        dataclasses.replace(
            each,
            encoding=encoding,
            metadata_mode="replace" if replace_metadata else None,
            on_same_name="replace" if replace_same_name and each.external_id is None else None,
        )
        for each in sources
    ]


def parse_metadata(given: Iterable[str]) -> dict[str, Any]:
    """The metadata of `key=text`, `key:=JSON` and JSON objects; a key that is to go (`key=`) is None."""
    metadata: dict[str, Any] = {}
    for each in given:
        if each.lstrip().startswith("{"):
            metadata |= parse_object(each, "--metadata") or {}
            continue
        key, equals, value = each.partition("=")
        is_typed = key.endswith(":")
        key = key.removesuffix(":")
        if not (key and equals):
            raise typer.BadParameter(
                f"{each!r} is neither KEY=TEXT nor KEY:=JSON", param_hint="--metadata"
            )
        metadata[key] = typed(key, value) if is_typed else value or None
    return metadata


def typed(key: str, value: str) -> Any:
    """A value of metadata that is given as JSON; a usage error if it is none."""
    try:
        return json.loads(value)
    except ValueError as error:
        raise typer.BadParameter(
            f"{value!r} of {key!r} is not JSON ({error}); {key}={value} is text",
            param_hint="--metadata",
        ) from error


def ensure_collection(client: "Client", name: str, preset: str | None) -> None:
    """Make the collection if it is missing; Conflict if it has another preset than the one asked for."""
    try:
        found = client.collection(name)
    except NotFound:
        try:
            client.create_collection(name, preset)
        except Conflict:
            ensure_collection(client, name, preset)
        return
    if preset not in {None, found["preset"]}:
        raise Conflict(f"collection {name!r} has preset {found['preset']!r}, not {preset!r}")


def send(
    client: "Client",
    collection: str,
    sources: "Sequence[Source]",
    metadata: Mapping[str, Any],
    show: Show,
    *,
    on_job: Callable[[str], None] = lambda _: None,
) -> "Added":
    """Send everything, telling how far it is, and each job that comes of it; where the server is busy, no faster
    than it takes it."""
    from samespace.client.uploads import jobs_of, merge

    done, doing = 0, "sent"

    def wait(_: float) -> None:
        nonlocal doing
        doing = "sent, waiting for room:"
        show(Progress(done, len(sources), doing))

    def uploads() -> Iterator[Any]:
        nonlocal done, doing
        for upload in client.add_in_batches(collection, sources, metadata=metadata, on_wait=wait):
            done += len(upload["documents"])
            doing = "sent"
            for job in jobs_of(upload):
                on_job(job)
            show(Progress(done, len(sources), doing))
            yield upload

    return merge(uploads())


def remove_gone(
    client: "Client", collection: str, folder: Path, sources: "Sequence[Source]"
) -> list[str]:
    """Remove the documents under the folder whose files were not found any more."""
    prefix = folder_prefix(folder)
    keep = [each.external_id for each in sources if each.external_id is not None]
    return client.delete(collection, external_prefix=prefix, keep=keep)


def wait_for(client: "Client", job_ids: Sequence[str], show: Show) -> "list[Job]":
    """The jobs, once each has come to its end, telling how far they are."""
    ended: list[Job] = []
    for place, id in enumerate(job_ids, start=1):
        count = f" ({place}/{len(job_ids)})" if len(job_ids) > 1 else ""
        ended += client.wait(id, on_progress=job_progress(f"ready{count}", show))
    return ended


@contextmanager
def saying_what_goes_on(jobs: Sequence[str]) -> Iterator[None]:
    """An interruption ends this command, not the work: says so, and how to end that."""
    try:
        yield
    except KeyboardInterrupt:
        if jobs:
            note(
                "interrupted; the server continues with what was sent. "
                f"To follow it: samespace status {jobs[-1]} --watch. "
                f"To cancel it: samespace cancel {' '.join(jobs)}"
            )
        raise


def job_progress(doing: str, show: Show) -> "Callable[[Job], None]":
    """Shows a job each time it has changed."""

    def on_progress(job: "Job") -> None:
        rate, left = job["items_per_second"], job["seconds_left"]
        if job["total"]:
            paused = f"collection {job['collection']} is paused, " if job["paused"] else ""
            show(Progress(job["done"], job["total"], paused + doing, rate, left))

    return on_progress


def outcome_of(
    sent: Sequence[str], documents: "Sequence[Accepted]", jobs: "Sequence[Job]"
) -> Outcome:
    """What became of each: by the answer to its upload, then by its job."""
    from samespace.client.uploads import is_coming_in

    outcome = Outcome()
    taken: dict[str, tuple[str, str]] = {}
    for name, document in zip(sent, documents, strict=True):
        error = document.get("error")
        if error is not None:
            refused = outcome.skipped if error["code"] == Unsupported.code else outcome.failed
            refused.append((name, error["detail"]))
            continue
        became = COMING_IN if is_coming_in(document) else document["outcome"]
        outcome.counts[became] += 1
        outcome.warnings += [(name, warning) for warning in document.get("warnings", [])]
        if document["outcome"] == "kept_both":
            outcome.warnings.append((name, KEPT_BOTH))
        taken[document["id"]] = (name, became)
    for job in jobs:
        count_failures(job, taken, outcome)
        note_warnings(job, taken, outcome)
    return outcome


def note_warnings(job: "Job", taken: Mapping[str, tuple[str, str]], outcome: Outcome) -> None:
    """Note what came out when the documents were read; a job names its first ones only."""
    for each in job["warned"]:
        if each["id"] in taken:
            name, _ = taken[each["id"]]
            outcome.warnings += [(name, text) for text in each["warnings"]]
    if job["warned_total"] > len(job["warned"]):
        more = job["warned_total"] - len(job["warned"])
        outcome.warnings.append(
            (f"{more} more", f"see `samespace status {job['id']}` and the page")
        )


def count_failures(job: "Job", taken: Mapping[str, tuple[str, str]], outcome: Outcome) -> None:
    """Count what was taken in but failed or was cancelled later; a job names its first failures only.

    A job that was begun before may hold documents that were not sent now: these are not counted.
    """
    for failure in job["failed"]:
        if failure["id"] in taken:
            name, before = taken[failure["id"]]
            outcome.counts[before] -= 1
            outcome.failed.append((name, failure["reason"] or "no reason is known"))
    outcome.counts["cancelled"] += (job["documents"] or {}).get("cancelled", 0)
    unnamed = (job["documents"] or {}).get("failed", 0) - len(job["failed"])
    if unnamed > 0:
        outcome.failed.append((f"{unnamed} more", f"see `samespace status {job['id']} --json`"))


def report(outcome: Outcome, *, waited: bool) -> None:
    """The summary on stdout; what was skipped, what failed and what was odd on stderr."""
    for doing, entries in (
        ("warning", outcome.warnings),
        ("skipped", outcome.skipped),
        ("failed", outcome.failed),
    ):
        # What was odd at the door is told again when the document was read.
        for name, reason in dict.fromkeys(entries):
            # Most reasons begin with the name of the file, which the path ends with already.
            note(f"{doing}: {name}: {reason.removeprefix(f'{Path(name).name} ')}")
    counts = outcome.counts
    shown = {
        "added": counts["created"] + counts["kept_both"],
        "replaced": counts["replaced"],
        "updated": counts["updated"],
        "retried": counts["retried"],
        "were still coming in" if waited else COMING_IN: counts[COMING_IN],
        "unchanged": counts["unchanged"],
        "removed": counts["removed"],
        "skipped": len(outcome.skipped),
        "cancelled": counts["cancelled"],
        "failed": len(outcome.failed),
    }
    always = {"added", "failed"}
    said = [f"{n} {word}" for word, n in shown.items() if n or word in always]
    print(", ".join(said) + ("" if waited else "; not waited for"))
