"""`samespace collections compare`: the index that is built beside the live one, asked the same."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samespace.cli.commands.add import job_progress
from samespace.cli.commands.files import absolute
from samespace.cli.terminal.common import JsonOption, connect
from samespace.cli.terminal.output import note, print_json
from samespace.cli.terminal.progress import showing_progress
from samespace.core.errors import NotFound, Unavailable

if TYPE_CHECKING:
    from samespace.client import Client
    from samespace.client.views import Compare


def compare(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The collection.")],
    *,
    judged: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Judged queries or pairs, as `samespace eval` has them."),
    ] = None,
    sample: Annotated[
        int,
        typer.Option(
            min=0, max=1000, metavar="N", help="Passages, and pictures, asked for their like."
        ),
    ] = 100,
    log: Annotated[
        bool, typer.Option("--log/--no-log", help="Ask what was asked lately, where that is kept.")
    ] = True,
    partial: Annotated[
        bool, typer.Option("--partial", help="Although the other index lacks documents.")
    ] = False,
    last: Annotated[bool, typer.Option("--last", help="Show the last comparison.")] = False,
    max_bad: Annotated[
        float,
        typer.Option(min=0, max=1, metavar="SHARE", help="Fail if a larger share of rows is bad."),
    ] = 0.05,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="Of the intervals.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Compare the live index of a collection with the one that is built beside it, or was live before.

    Both are asked the same: the kept queries (`samespace queries`), the query log where it is switched on, judged
    queries, and a sample of the collection itself. Shown are how alike the answers are, which side answers judged
    queries better, with 95% intervals, which side people marked as better on the page, and what each costs.
    """
    with connect(context) as client:
        if not last:
            asked: list[dict[str, Any]] = []
            if judged is not None:
                from samespace.cli.commands.compare_judged import judged_of

                asked = judged_of(client, name, absolute(str(judged)), max_bad, seed)
            id = client.start_comparison(
                name, judged=asked, sample=sample, log=log, partial=partial, seed=seed
            )
            wait_for(client, id)
        found = client.comparison(name)
    show(name, found, as_json=as_json)


def wait_for(client: "Client", id: str) -> None:
    """The comparison, until it is made; Unavailable, with the reason, where it failed."""
    with showing_progress() as progress:
        job = client.wait(id, on_progress=job_progress("compared", progress))[0]
    if job["state"] != "ready":
        raise Unavailable(f"job {id} {job['state']}: {job['reason']}")


def show(name: str, found: "Compare", *, as_json: bool) -> None:
    """The last comparison, in the shape that was asked for; NotFound where there is none."""
    if as_json:
        print_json(found)
        return
    made = found["comparison"]
    if made is None:
        raise NotFound(
            f"collection {name!r} has no comparison of {found['live']['name']} and {found['other']['name']} yet"
        )
    from samespace.cli.commands.compare_show import show_comparison

    show_comparison(name, made, found["tally"])
    for warning in made["warnings"]:
        note(f"warning: {warning}")
