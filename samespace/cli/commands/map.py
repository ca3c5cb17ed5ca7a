"""`samespace map`: a collection as points by meaning."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from samespace.cli.commands.add import job_progress
from samespace.cli.commands.files import absolute
from samespace.cli.terminal.common import DEFAULT_COLLECTION, JsonOption, connect
from samespace.cli.terminal.output import note, print_fields, print_json
from samespace.cli.terminal.progress import showing_progress
from samespace.core.errors import NotFound, Unavailable

if TYPE_CHECKING:
    from samespace.client import Client
    from samespace.client.wire import Map

_COLUMNS = ("item", "document", "modality", "x", "y")


def show_map(
    context: typer.Context,
    collection: Annotated[
        str, typer.Argument(metavar="COLLECTION", help="The collection.")
    ] = DEFAULT_COLLECTION,
    *,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Make it again if the collection has changed.")
    ] = False,
    as_csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write the points to a file.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show a collection as a map: points that are close together where their meanings are.

    A map that was made before is shown as it is, without what has been deleted since.
    """
    with connect(context) as client:
        made = map_of(client, collection, refresh=refresh)
    if as_csv is not None:
        write_points(made, absolute(str(as_csv)))
    if as_json:
        print_json(made)
        return
    print_fields({name: value for name, value in made.items() if name != "points"})
    if not made["fresh"]:
        note("the collection has changed since; --refresh makes the map anew")


def map_of(client: "Client", collection: str, *, refresh: bool) -> "Map":
    """The map as it is kept, or made now where there is none or it is to be."""
    if not refresh:
        try:
            return client.kept_map(collection)
        except NotFound:
            client.collection(collection)
    with showing_progress() as show:
        return client.map(collection, on_progress=job_progress("mapped", show))


def write_points(made: "Map", file: Path) -> None:
    """One line for each point; Unavailable where the file cannot be written."""
    try:
        with file.open("w", newline="") as stream:
            table = csv.DictWriter(stream, _COLUMNS)
            table.writeheader()
            table.writerows(made["points"])
    except OSError as error:
        raise Unavailable(f"{file} cannot be written: {error.strerror}") from error
