"""The commands that look: `status`, `jobs`."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samespace.cli.commands.classify import print_counts
from samespace.cli.terminal.common import (
    DEFAULT_COLLECTION,
    CollectionOption,
    JsonOption,
    connect,
    given_before,
)
from samespace.cli.terminal.formats import ago, local
from samespace.cli.terminal.output import note, on_terminal, print_fields, print_json, print_table
from samespace.cli.terminal.progress import clock
from samespace.core.errors import NotFound

if TYPE_CHECKING:
    from samespace.client import Client
    from samespace.client.views import Job, WorkerInfo

WATCH_SECONDS = 1.0
UNPAUSED = ("paused", False)


def status(
    context: typer.Context,
    id: Annotated[str | None, typer.Argument(metavar="JOB|DOCUMENT", help="Its id.")] = None,
    collection: CollectionOption = DEFAULT_COLLECTION,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Follow it until it ends.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show the state of the server, or the progress of a job or a document."""
    with connect(context) as client:
        if id is None:
            look(lambda: dict(client.status()), watch=watch, as_json=as_json)
        else:
            look(lambda: about_one(client, collection, id), watch=watch, as_json=as_json)


OnlyOfOption = Annotated[
    str | None,
    typer.Option("--collection", "-c", metavar="NAME", help="Only those of this collection."),
]
jobs = typer.Typer(help="List the jobs.", rich_markup_mode=None)


@jobs.callback(invoke_without_command=True)
def show_jobs(
    context: typer.Context, collection: OnlyOfOption = None, as_json: JsonOption = False
) -> None:
    """List the jobs."""
    if context.invoked_subcommand is None:
        _print_jobs(context, collection, as_json)


@jobs.command("list")
def list_jobs(
    context: typer.Context, collection: OnlyOfOption = None, as_json: JsonOption = False
) -> None:
    """List the jobs, as `samespace jobs` alone does."""
    collection = collection or given_before(context, "collection")
    _print_jobs(context, collection, as_json or given_before(context, "as_json"))


def _print_jobs(context: typer.Context, collection: str | None, as_json: bool) -> None:
    with connect(context) as client:
        found = client.jobs(collection)
    if as_json:
        print_json(found)
        return
    names = ["job", "kind", "collection", "state", "done"]
    if on_terminal():
        print_table([*names, "began"], [[*job_row(job), job_note(job)] for job in found])
    else:
        rows = [[*job_row(job), failed_of(job), job["created_at"][:19]] for job in found]
        print_table([*names, "failed", "created"], rows)


def look(ask: Callable[[], dict[str, Any]], *, watch: bool, as_json: bool) -> None:
    """Print what is asked for, again and again while it changes if it is to be watched."""
    from samespace.client.wire import FINAL_STATES

    shown = None
    while True:
        seen = ask()
        if seen != shown:
            if shown is not None and on_terminal():
                print()
            print_json(seen) if as_json else show(seen)
            shown = seen
        if not watch or seen.get("state") in FINAL_STATES:
            return
        time.sleep(WATCH_SECONDS)


def about_one(client: "Client", collection: str, id: str) -> dict[str, Any]:
    """The job or the document of that id; NotFound."""
    try:
        return dict(client.job(id))
    except NotFound:
        pass
    try:
        return dict(client.document(collection, id))
    except NotFound as error:
        raise NotFound(f"there is no job {id!r}, and no such document in {collection!r}") from error


def show(about: dict[str, Any]) -> None:
    """Names and values, on a terminal with tables of what there is several of."""
    if not on_terminal():
        print_fields(flat(about))
        return
    apart = {"workers", "checks", "failed", "warned", "result"}
    print_fields(flat({name: value for name, value in about.items() if name not in apart}))
    show_several(
        "worker", ["host", "device", "encoded", "seen"], map(worker_row, about.get("workers", []))
    )
    show_several("part", ["is"], about.get("checks", {}).items())
    failed = [(each["name"], each["reason"]) for each in about.get("failed", [])]
    show_several("failed", ["why"], failed)
    warned = [(each["name"], text) for each in about.get("warned", []) for text in each["warnings"]]
    show_several("warning", ["what"], warned)
    if result := about.get("result"):
        print()
        show_result(result, about["kind"])


def show_result(result: dict[str, Any], kind: str) -> None:
    """What a job came to."""
    if kind == "classify":
        print_counts(result)
        if result.get("stale"):
            note(
                "sorted by another model than the collection is searched by now; classify it again"
            )
    else:
        print_fields(flat(result))


def show_several(what: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table under a blank line; nothing where there is nothing."""
    if some := list(rows):
        print()
        print_table([what, *columns], some)


def flat(about: dict[str, Any]) -> dict[str, str]:
    """The members as they are shown, without those that say nothing."""
    shown = dict(
        shown_member(name, value) for name, value in about.items() if (name, value) != UNPAUSED
    )
    if "workers" in about:
        shown["workers"] = "; ".join(shown_worker(each) for each in about["workers"])
    return {name: value for name, value in shown.items() if value}


def shown_member(name: str, value: Any) -> tuple[str, str]:
    """A name and its value; times are for people on a terminal, for programs in a pipe."""
    if value is None or not on_terminal():
        return name, shown_value(value)
    if name.endswith("_at"):
        return name.removesuffix("_at"), local(value)
    if name == "seconds_left":
        return "left", clock(value)
    return name.replace("_", " "), shown_value(value)


def shown_value(value: Any) -> str:
    """A value on one line; counts of nothing are left out."""
    if isinstance(value, dict):
        members = {name: shown_value(each) for name, each in value.items() if each != 0}
        return ", ".join(f"{name} {shown}" for name, shown in members.items() if shown)
    if isinstance(value, list):
        return "; ".join(shown_value(each) for each in value)
    if isinstance(value, float):
        return f"{value:.1f}"
    return "" if value is None else str(value)


def shown_worker(worker: "WorkerInfo") -> str:
    """A worker on one line."""
    return f"{worker['host']} pid {worker['pid']}, seen {worker['seen_at'][:19]}"


def worker_row(worker: "WorkerInfo") -> list[object]:
    """A worker as a row."""
    encoders = worker["about"].get("encoders", {}).values()
    encoded = sum(each.get("items", 0) for each in encoders)
    device = worker["about"].get("device")
    return [
        f"pid {worker['pid']}",
        worker["host"],
        device,
        encoded,
        f"{ago(worker['seen_at'])} ago",
    ]


def job_row(job: "Job") -> list[object]:
    """A job as a row."""
    done = f"{job['done']}/{job['total']}"
    state = "paused" if job["paused"] else job["state"]
    return [job["id"], job["kind"], job["collection"], state, done]


def job_note(job: "Job") -> str:
    """When a job began, what it is doing, how long it will take, and whether something failed in it."""
    said = [f"{ago(job['created_at'])} ago"]
    if stage := job.get("stage"):
        said.append(stage)
    if job["seconds_left"]:
        said.append(f"{clock(job['seconds_left'])} left")
    if failed_of(job):
        said.append(f"{failed_of(job)} failed")
    return ", ".join(said)


def failed_of(job: "Job") -> int:
    """How many documents of a job failed."""
    return (job["documents"] or {}).get("failed", 0)
