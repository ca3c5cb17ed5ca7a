"""`samespace collections`: list, create, limit, delete."""

from typing import Annotated

import typer

from samespace.cli.commands import model_change
from samespace.cli.terminal.amounts import size
from samespace.cli.terminal.common import JsonOption, YesOption, confirm, connect, given_before
from samespace.cli.terminal.output import print_fields, print_json, print_table

app = typer.Typer(
    help="List, create, limit and delete collections; change their models.", rich_markup_mode=None
)
app.command("model")(model_change.change_model)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The collection.")]


@app.callback(invoke_without_command=True)
def show(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the collections; or create, or delete one."""
    if context.invoked_subcommand is None:
        _print_all(context, as_json)


@app.command("list")
def list_all(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the collections, as `samespace collections` alone does."""
    _print_all(context, as_json or given_before(context, "as_json"))


def _print_all(context: typer.Context, as_json: bool) -> None:
    with connect(context) as client:
        found = client.collections()
    if as_json:
        print_json(found)
        return
    rows = [
        [
            each["name"],
            each["preset"],
            ", ".join(space["name"] for space in each["spaces"]),
            each["documents"].get("total"),
            each["items"],
            "paused" if each["paused"] else "active",
        ]
        for each in found
    ]
    print_table(["collection", "preset", "spaces", "documents", "items", "state"], rows)


@app.command()
def create(
    context: typer.Context,
    name: NameArgument,
    preset: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The preset or model; see `samespace models`."),
    ] = None,
) -> None:
    """Create a collection."""
    with connect(context) as client:
        made = client.create_collection(name, preset)
    print(f"collection {made['name']} created with preset {made['preset']}")


@app.command()
def quota(
    context: typer.Context,
    name: NameArgument,
    documents: Annotated[
        str | None, typer.Option(metavar="N", help="Most documents; `none` for no limit.")
    ] = None,
    bytes: Annotated[
        str | None,
        typer.Option(metavar="SIZE", help="Most bytes of originals, such as 10GB; or `none`."),
    ] = None,
) -> None:
    """Limit what a collection may hold, or say what it holds; what is there already stays."""
    limits = {"max_documents": documents, "max_bytes": bytes}
    wanted = {key: _limit(text) for key, text in limits.items() if text is not None}
    with connect(context) as client:
        found = client.set_quota(name, **wanted) if wanted else client.collection(name)
    print_fields(
        {
            "documents": f"{found['held_documents']} of {_shown(found['max_documents'])}",
            "bytes": f"{found['held_bytes']} of {_shown(found['max_bytes'])}",
        }
    )


def _limit(text: str) -> int | None:
    return None if text.lower() == "none" else size(text)


def _shown(limit: int | None) -> str:
    return "any number" if limit is None else str(limit)


@app.command()
def delete(context: typer.Context, name: NameArgument, yes: YesOption = False) -> None:
    """Delete a collection and everything in it."""
    confirm(f"Delete collection {name!r} with all its documents?", yes)
    with connect(context) as client:
        client.delete_collection(name)
    print(f"collection {name} deleted")
