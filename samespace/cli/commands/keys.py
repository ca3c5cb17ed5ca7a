"""`samespace keys`: made, listed, rotated and revoked in the records themselves, so it runs where the server runs."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samespace.cli.terminal.amounts import seconds
from samespace.cli.terminal.common import JsonOption, given_before, settings_of
from samespace.cli.terminal.output import note, print_json, print_table

if TYPE_CHECKING:
    from samespace.store.records import Records
    from samespace.store.records.keys import Key

app = typer.Typer(
    help="Create, list, rotate and revoke the keys of the API (on the machine of the server).",
    rich_markup_mode=None,
)

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The id of the key.")]


@contextmanager
def opened(context: typer.Context) -> "Iterator[Records]":
    """The records while the block runs."""
    from samespace.wiring import open_records_of

    records = open_records_of(settings_of(context))
    try:
        yield records
    finally:
        records.close()


@app.command()
def create(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A name for the key, such as its owner.")
    ],
    *,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SCOPE",
            help="read, write (the default) or admin, each includes those before it.",
        ),
    ] = None,
    collection: Annotated[
        list[str] | None,
        typer.Option(
            "--collection",
            "-c",
            metavar="NAME",
            help="Limit the key to this collection; may be repeated.",
        ),
    ] = None,
    rate: Annotated[
        int | None, typer.Option(metavar="N", help="Most requests a minute; else SAMESPACE_RATE.")
    ] = None,
    expires: Annotated[
        float | None,
        typer.Option(metavar="TIME", parser=seconds, help="How long it is valid, such as 30d."),
    ] = None,
) -> None:
    """Create a key and print it; it cannot be shown again."""
    with opened(context) as records:
        key, text = records.keys.create(
            name,
            scope or ["write"],
            collection_ids=[records.collections.find(each).id for each in collection]
            if collection
            else None,
            rate=rate,
            expires_at=None if expires is None else time.time() + expires,
        )
        _log(records, "create_key", key.id, name=key.name, scopes=list(key.scopes))
    print(text)
    note(f"key {key.id} for {name} may {', '.join(key.scopes)}: keep it, only its hash is stored")


@app.callback(invoke_without_command=True)
def show(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the keys, never their secrets; or create, rotate, or revoke one (on the machine of the server)."""
    if context.invoked_subcommand is None:
        _print_all(context, as_json)


@app.command("list")
def list_all(context: typer.Context, as_json: JsonOption = False) -> None:
    """List the keys, as `samespace keys` alone does."""
    _print_all(context, as_json or given_before(context, "as_json"))


def _print_all(context: typer.Context, as_json: bool) -> None:
    with opened(context) as records:
        names = {one.id: one.name for one in records.collections.all()}
        found = [_view(key, names) for key in records.keys.all()]
    if as_json:
        print_json(found)
        return
    headers = ["id", "name", "scopes", "collections", "rate", "expires_at", "created_at"]
    print_table(headers, [[_cell(key[each]) for each in headers] for key in found])


@app.command()
def rotate(
    context: typer.Context,
    id: IdArgument,
    grace: Annotated[
        float,
        typer.Option(metavar="TIME", parser=seconds, help="How long the old secret stays valid."),
    ] = 0.0,
) -> None:
    """Give a key a new secret and print it; the old one stops at once, or after --grace."""
    with opened(context) as records:
        key, text = records.keys.rotate(id, grace)
        _log(records, "rotate_key", key.id, name=key.name, grace=grace)
    print(text)
    note(f"key {key.id} for {key.name} has a new secret: keep it, only its hash is stored")


@app.command()
def revoke(context: typer.Context, id: IdArgument) -> None:
    """Revoke a key; requests with it are refused within 5 seconds."""
    with opened(context) as records:
        records.keys.remove(id)
        _log(records, "revoke_key", id)
    print(f"key {id} revoked")


app.command("remove", hidden=True)(revoke)  # what release 0.1.0 called it


def _log(records: "Records", action: str, id: str, **detail: Any) -> None:
    from samespace.store.records.audit import COMMAND_LINE

    records.audit.add(COMMAND_LINE, action, subject=id, **detail)


def _view(key: "Key", names: dict[str, str]) -> dict[str, Any]:
    ids = key.collection_ids
    return {
        "id": key.id,
        "name": key.name,
        "scopes": list(key.scopes),
        "collections": None if ids is None else [names[id] for id in ids if id in names],
        "rate": key.rate,
        "expires_at": _moment(key.expires_at),
        "created_at": _moment(key.created_at),
        "previous_until": _moment(key.previous_until),
    }


def _moment(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


def _cell(value: object) -> object:
    return ",".join(value) or "none" if isinstance(value, list) else value
