"""`samespace keys`: made, listed and removed in the records themselves, so it runs where the server runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from samespace.cli.common import JsonOption, settings_of
from samespace.cli.output import note, print_json, print_table

if TYPE_CHECKING:
    from samespace.store.records import Records

app = typer.Typer(
    help="Create, list and remove the keys of the API (on the machine of the server).",
    rich_markup_mode=None,
    no_args_is_help=True,
)


@contextmanager
def opened(context: typer.Context) -> "Iterator[Records]":
    """The records while the block runs."""
    from samespace.core.wiring import open_records_of

    records = open_records_of(settings_of(context))
    try:
        yield records
    finally:
        records.close()


@app.command()
def create(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose key it is.")],
) -> None:
    """Create a key and print it; it cannot be shown again."""
    with opened(context) as records:
        key, text = records.keys.create(name)
    print(text)
    note(f"key {key.id} for {name}: keep it, only its hash is stored")


@app.command("list")
def show(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the keys, never their secrets."""
    with opened(context) as records:
        found = records.keys.all()
    rows = [
        [
            key.id,
            key.name,
            datetime.fromtimestamp(key.created_at, UTC).isoformat(timespec="seconds"),
        ]
        for key in found
    ]
    names = ["id", "name", "created_at"]
    if as_json:
        print_json([dict(zip(names, row, strict=True)) for row in rows])
    else:
        print_table(names, rows)


@app.command()
def remove(
    context: typer.Context,
    id: Annotated[str, typer.Argument(metavar="ID", help="The id of the key.")],
) -> None:
    """Remove a key; requests with it are refused from now on."""
    with opened(context) as records:
        records.keys.remove(id)
    print(f"key {id} removed")
