"""`samespace add`: files, folders and texts into a collection, and what became of them."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samespace.cli.common import DEFAULT_COLLECTION, CollectionOption, connect, parse_object
from samespace.cli.files import absolute, external_id, find_files, folder_prefix, walk
from samespace.cli.output import note
from samespace.cli.progress import Progress, Show, showing_progress
from samespace.core.errors import Conflict, NotFound, Unsupported

if TYPE_CHECKING:
    from samespace.client import Client, Source
    from samespace.client.wire import Accepted, Added, Job

STDIN = "-"
URLS = ("http://", "https://")


@dataclass(slots=True)
class Outcome:
    """What became of everything that was to be added."""

    counts: Counter[str] = field(default_factory=Counter)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[tuple[str, str]] = field(default_factory=list)


def add(
    context: typer.Context,
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH", help="Files, folders, patterns, URLs; - for what is piped in."
        ),
    ] = None,
    *,
    collection: CollectionOption = DEFAULT_COLLECTION,
    preset: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Preset of the collection, if it is to be made."),
    ] = None,
    metadata: Annotated[
        list[str] | None,
        typer.Option("--metadata", "-m", metavar="KEY=VALUE|JSON", help="Kept with each document."),
    ] = None,
    sync: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Add this folder, remove documents whose files are gone."),
    ] = None,
    hidden: Annotated[bool, typer.Option("--hidden", help="Take hidden files too.")] = False,
    name: Annotated[str, typer.Option(metavar="NAME", help="Name of what is piped in.")] = "stdin",
    encoding: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="What texts are in that are no Unicode, such as cp1251."),
    ] = None,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Do not wait until ready.")] = False,
) -> None:
    """Add documents; the collection is made when it is missing.

    A file keeps its identity by its absolute path: added again it costs nothing if it has not changed, and
    replaces the old version if it has. A URL is fetched by the server, where it is set up to. Ends with
    status 1 when something failed.
    """
    found = sources_of(paths or [], sync=sync, hidden=hidden, name=name)
    sources = [replace(each, encoding=encoding) for each in found]
    about = parse_metadata(metadata or [])
    with connect(context) as client, showing_progress() as show:
        ensure_collection(client, collection, preset)
        sent = [each.external_id or each.shown_name for each in sources]
        begun: list[str] = []
        with saying_what_goes_on(begun):
            added = send(client, collection, sources, about, show, on_job=begun.append)
            gone = remove_gone(client, collection, sync, sources) if sync else []
            jobs = [] if no_wait else wait_for(client, begun, show)
    outcome = outcome_of(sent, added["documents"], jobs)
    outcome.counts["removed"] = len(gone)
    report(outcome, waited=not no_wait)
    if outcome.failed or outcome.counts["cancelled"]:
        raise typer.Exit(1)


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
        files += walk(folder_to_sync(sync), hidden=hidden)
    if not paths and sync is None:
        raise typer.BadParameter("give files, folders, - or --sync DIR", param_hint="PATH...")
    unique = dict.fromkeys(files)
    found = [Source(file, external_id=external_id(file)) for file in unique]
    return piped + found + [Source(Url(url)) for url in dict.fromkeys(urls)]


def folder_to_sync(sync: Path) -> Path:
    """The folder, absolute; one that is not there is refused, or everything under it would be removed."""
    folder = absolute(sync)
    if not folder.is_dir():
        raise NotFound(f"there is no folder {str(sync)!r} to keep in sync with")
    return folder


def parse_metadata(given: Iterable[str]) -> dict[str, Any]:
    """The metadata of `key=value` pairs and JSON objects; a value that is JSON is taken as such."""
    metadata: dict[str, Any] = {}
    for each in given:
        if each.lstrip().startswith("{"):
            metadata |= parse_object(each, "--metadata") or {}
            continue
        key, equals, value = each.partition("=")
        if not (key and equals):
            raise typer.BadParameter(f"{each!r} is no KEY=VALUE", param_hint="--metadata")
        try:
            metadata[key] = json.loads(value)
        except ValueError:
            metadata[key] = value
    return metadata


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
    from samespace.client.uploads import merge

    done, doing = 0, "sent"

    def wait(_: float) -> None:
        nonlocal doing
        doing = "sent, waiting for room:"
        show(Progress(doing, done, len(sources)))

    def uploads() -> Iterator[Any]:
        nonlocal done, doing
        for upload in client.add_in_batches(collection, sources, metadata=metadata, on_wait=wait):
            done += len(upload["documents"])
            doing = "sent"
            if upload["job_id"] is not None:
                on_job(upload["job_id"])
            show(Progress(doing, done, len(sources)))
            yield upload

    return merge(uploads())


def remove_gone(
    client: "Client", collection: str, sync: Path, sources: "Sequence[Source]"
) -> list[str]:
    """Remove the documents under the folder whose files were not found any more."""
    prefix = folder_prefix(sync)
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
                "interrupted; the server goes on with what was sent. "
                f"To follow it: samespace status {jobs[-1]} --watch. "
                f"To call it off: samespace cancel {' '.join(jobs)}"
            )
        raise


def job_progress(doing: str, show: Show) -> "Callable[[Job], None]":
    """Shows a job each time it has changed."""

    def on_progress(job: "Job") -> None:
        rate, left = job["items_per_second"], job["seconds_left"]
        if job["total"]:
            paused = f"collection {job['collection']} is paused, " if job["paused"] else ""
            show(Progress(paused + doing, job["done"], job["total"], rate, left))

    return on_progress


def outcome_of(
    sent: Sequence[str], documents: "Sequence[Accepted]", jobs: "Sequence[Job]"
) -> Outcome:
    """What became of each: by the answer to its upload, then by its job."""
    outcome = Outcome()
    taken: dict[str, tuple[str, str]] = {}
    for name, document in zip(sent, documents, strict=True):
        error = document.get("error")
        if error is not None:
            refused = outcome.skipped if error["code"] == Unsupported.code else outcome.failed
            refused.append((name, error["detail"]))
            continue
        outcome.counts[document["outcome"]] += 1
        outcome.warnings += [(name, warning) for warning in document.get("warnings", [])]
        taken[document["id"]] = (name, document["outcome"])
    for job in jobs:
        count_failures(job, taken, outcome)
    return outcome


def count_failures(job: "Job", taken: Mapping[str, tuple[str, str]], outcome: Outcome) -> None:
    """Count what was taken in but failed or was cancelled later; a job names its first failures only."""
    for failure in job["failed"]:
        name, before = taken.get(failure["id"], (failure["name"], ""))
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
        for name, reason in entries:
            # Most reasons begin with the name of the file, which the path ends with already.
            note(f"{doing}: {name}: {reason.removeprefix(f'{Path(name).name} ')}")
    counts = outcome.counts
    shown = {
        "added": counts["created"],
        "replaced": counts["replaced"],
        "updated": counts["updated"],
        "retried": counts["retried"],
        "unchanged": counts["unchanged"],
        "removed": counts["removed"],
        "skipped": len(outcome.skipped),
        "cancelled": counts["cancelled"],
        "failed": len(outcome.failed),
    }
    always = {"added", "failed"}
    said = [f"{n} {word}" for word, n in shown.items() if n or word in always]
    print(", ".join(said) + ("" if waited else "; not waited for"))
