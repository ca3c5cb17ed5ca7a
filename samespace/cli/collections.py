"""`samespace collections`: list, create, delete."""

from typing import Annotated

import typer

from samespace.cli.common import JsonOption, YesOption, confirm, connect
from samespace.cli.output import print_json, print_table

app = typer.Typer(help="List, create and delete collections.", rich_markup_mode=None)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The collection.")]


@app.callback(invoke_without_command=True)
def show(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the collections; or create, or delete one."""
    if context.invoked_subcommand is not None:
        return
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
        str | None, typer.Option(metavar="NAME", help="The preset; see `samespace doctor`.")
    ] = None,
) -> None:
    """Create a collection."""
    with connect(context) as client:
        made = client.create_collection(name, preset)
    print(f"collection {made['name']} created with preset {made['preset']}")


@app.command()
def delete(context: typer.Context, name: NameArgument, yes: YesOption = False) -> None:
    """Delete a collection and everything in it."""
    confirm(f"Delete collection {name!r} with all its documents?", yes)
    with connect(context) as client:
        client.delete_collection(name)
    print(f"collection {name} deleted")
