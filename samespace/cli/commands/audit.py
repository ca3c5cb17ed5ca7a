"""`samespace audit`: who changed what."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from samespace.cli.terminal.amounts import seconds
from samespace.cli.terminal.common import JsonOption, connect
from samespace.cli.terminal.formats import local
from samespace.cli.terminal.output import on_terminal, print_json, print_table

if TYPE_CHECKING:
    from samespace.client import Client
    from samespace.client.views import AuditLine


def audit(
    context: typer.Context,
    since: Annotated[
        float | None,
        typer.Option(
            metavar="TIME", parser=seconds, help="Only of this last stretch of time, such as 1d."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List who changed what, oldest first; needs a key with scope admin where keys are required."""
    begin = None if since is None else datetime.now(UTC) - timedelta(seconds=since)
    with connect(context) as client:
        found = list(all_lines(client, begin))
    if as_json:
        print_json(found)
        return
    print_table(
        ["at", "actor", "action", "collection", "subject", "detail"],
        [
            [
                local(line["at"]) if on_terminal() else line["at"],
                line["actor"],
                line["action"],
                line["collection"],
                line["subject"],
                ", ".join(f"{name} {value}" for name, value in line["detail"].items()),
            ]
            for line in found
        ],
    )


def all_lines(client: "Client", since: datetime | None) -> "Iterator[AuditLine]":
    """Every line since then, page after page."""
    after: int | None = None
    while True:
        page = client.audit(after=after, since=since, limit=1000)
        yield from page["lines"]
        after = page["next"]
        if after is None:
            return
