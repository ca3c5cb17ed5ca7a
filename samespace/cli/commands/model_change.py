"""`samespace collections model`: another model for a collection, beside the one that is searched; swap, go back."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from samespace.cli.commands.add import job_progress
from samespace.cli.terminal.common import JsonOption, YesOption, confirm, connect
from samespace.cli.terminal.output import note, print_fields, print_json, print_table
from samespace.cli.terminal.progress import clock, showing_progress
from samespace.core.errors import SamespaceError

if TYPE_CHECKING:
    from samespace.client import Client
    from samespace.client.views import CollectionModel, Job, ModelChange

_UNITS = ("bytes", "KB", "MB", "GB", "TB")

New = Annotated[
    str | None,
    typer.Argument(
        metavar="[NEW]", help="The model: a preset, an added model, st:..., open_clip:..., onnx:..."
    ),
]
Space = Annotated[
    str | None, typer.Option(metavar="NAME", help="Change this one of several spaces alone.")
]
Swap = Annotated[
    bool, typer.Option("--swap", help="Let searches ask the new model once nothing is lacking.")
]
Back = Annotated[
    bool, typer.Option("--back", help="Let searches ask again what they asked before the swap.")
]
GiveUp = Annotated[
    bool, typer.Option("--give-up", help="Give up what searches do not ask; no way back then.")
]
Keep = Annotated[
    float | None,
    typer.Option(metavar="DAYS", help="How long one can go back after the swap; 7 days else."),
]
Force = Annotated[
    bool, typer.Option("--force", help="Though documents are lacking that the model cannot take.")
]
Wait = Annotated[
    bool, typer.Option("--wait/--no-wait", help="Wait until it is built, or just begin.")
]


def change_model(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The collection.")],
    new: New = None,
    *,
    space: Space = None,
    swap: Swap = False,
    back: Back = False,
    give_up: GiveUp = False,
    keep: Keep = None,
    force: Force = False,
    wait: Wait = True,
    yes: YesOption = False,
    as_json: JsonOption = False,
) -> None:
    """Change the model of a collection: build beside, swap, go back; with NAME alone say how far that is.

    Searches ask the old model until the swap, and documents may be added all the while.
    """
    _check(new, swap=swap, back=back, give_up=give_up)
    with connect(context) as client:
        if new is not None:
            _begin(client, name, new, space=space, swap=swap, keep=keep, yes=yes)
        elif swap or (keep is not None and not back):
            client.swap_model(name, force=force, keep_days=keep)
        elif back:
            client.go_back(name, force=force, keep_days=keep)
        elif give_up:
            _give_up(client, name, yes)
        if wait and (new is not None or swap or back):
            _wait(client, name)
        found = client.collection_model(name)
    if wait and (swap or back):
        _check_done(found, back=back)
    if as_json:
        print_json(found)
    else:
        _show(found)


def _check(new: str | None, *, swap: bool, back: bool, give_up: bool) -> None:
    if sum([back, give_up, swap or new is not None]) > 1:
        raise typer.BadParameter("one at a time: build or --swap, --back, --give-up")


def _begin(
    client: "Client",
    name: str,
    new: str,
    *,
    space: str | None,
    swap: bool,
    keep: float | None,
    yes: bool,
) -> None:
    """Say what it costs, and begin it on a yes."""
    change = client.collection_model(name)["change"]
    is_under_way = change is not None and change["state"] != "swapped" and change["model"] == new
    if not is_under_way:
        note(f"trying {new} on some of what {name} holds")
        cost = _tried(client, name, new, space)
        for line in _costs(cost):
            note(line)
        confirm(f"Build this beside what collection {name!r} is searched by?", yes)
    client.change_model(name, new, space=space, swap=swap, keep_days=keep)


def _tried(client: "Client", name: str, new: str, space: str | None) -> dict[str, Any]:
    from samespace.client.answers import require_ready

    [job] = client.wait(client.try_model(name, new, space=space))
    require_ready(job)
    return job["result"] or {}


def _costs(cost: dict[str, Any]) -> list[str]:
    models = ", ".join(
        f"{model} ({dim} dimensions)"
        for model, dim in zip(cost["models"], cost["dims"], strict=True)
    )
    known = cost["items"] - cost["to_encode"]
    of_known = f", the vectors of {known} are known" if known else ""
    return [
        f"model: {models}",
        f"items: {cost['items']}, to be encoded: {cost['to_encode']}{of_known}",
        f"time: about {clock(cost['seconds'])}, by a trial on {cost['tried']} items",
        f"disk: about {_bytes(cost['bytes'])} more, until the old index is given up",
    ]


def _bytes(count: float) -> str:
    for unit in _UNITS[:-1]:
        if count < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} {_UNITS[-1]}"


def _wait(client: "Client", name: str) -> None:
    """Until nothing of it is under way; what went wrong is raised."""
    from samespace.client.answers import require_ready

    seen: set[str] = set()
    while True:
        change = client.collection_model(name)["change"]
        id = change["job_id"] if change else None
        if id is None or id in seen:
            return
        seen.add(id)
        with showing_progress() as show:
            progress = job_progress("built", show)
            jobs: list[Job] = client.wait(id, on_progress=progress)
        require_ready(jobs[0])


def _check_done(found: "CollectionModel", *, back: bool) -> None:
    """SamespaceError where what was asked for has not been done."""
    change = found["change"]
    if change is None or (change["state"] == "swapped") != back:
        return
    named = "; ".join(f"{one['name']}: {one['reason']}" for one in change["failed"])
    raise SamespaceError(
        f"searches of {found['collection']} ask what they asked before: {change['failed_total']} documents "
        f"cannot be taken ({named}); remove them, or --force"
    )


def _give_up(client: "Client", name: str, yes: bool) -> None:
    change = client.collection_model(name)["change"]
    if change is not None and change["state"] == "swapped":
        confirm(
            f"Give up {change['before']!r}? There is no way back to it without building it.", yes
        )
    client.give_up_model(name)


def _show(found: "CollectionModel") -> None:
    rows = [
        [
            each["role"],
            each["name"],
            each["model"],
            each["dim"],
            f"{each['held']}/{each['documents']}",
            each["items"],
        ]
        for each in found["indexes"]
    ]
    print_table(["role", "space", "model", "dimensions", "documents", "items"], rows)
    change = found["change"]
    if change is not None:
        print_fields(_fields(change))
        for line in _advice(change, found["collection"]):
            note(line)


def _fields(change: "ModelChange") -> dict[str, object]:
    fields: dict[str, object] = {
        "change": f"{change['before']} -> {change['model']}",
        "space": change["space"],
        "state": change["state"],
        "waits for": change["waits_for"],
        "lacking": change["lacking"] or None,
        "failed": change["failed_total"] or None,
        "problem": change["problem"],
        "kept until": change["kept_until"],
    }
    return {name: value for name, value in fields.items() if value is not None}


def _advice(change: "ModelChange", name: str) -> list[str]:
    lines = [f"{one['name']}: {one['reason']}" for one in change["failed"]]
    command = f"samespace collections model {name}"
    if change["state"] == "built":
        lines.append(f"{command} --swap lets searches ask it, {command} --give-up drops it")
    if change["state"] == "swapped":
        lines.append(f"{command} --back goes back, {command} --give-up frees the disk")
    return lines
