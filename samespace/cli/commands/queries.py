"""`samespace queries`: queries that are kept to compare models by, and the query log."""

from typing import Annotated

import typer

from samespace.cli.commands.search import OnlyOption, targets_of
from samespace.cli.terminal.common import (
    DEFAULT_COLLECTION,
    CollectionOption,
    JsonOption,
    YesOption,
    confirm,
    connect,
    given_to_list,
    is_alone,
)
from samespace.cli.terminal.output import note, print_json, print_table

app = typer.Typer(
    help="Keep queries to compare models by; list, judge and forget them.", rich_markup_mode=None
)

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The kept query.")]


@app.callback(invoke_without_command=True)
def show(
    context: typer.Context,
    collection: CollectionOption = DEFAULT_COLLECTION,
    as_json: JsonOption = False,
) -> None:
    """List the kept queries of a collection; or add, mark, or remove one, or show the query log."""
    if is_alone(context, collection):
        _print_all(context, collection, as_json)


@app.command("list")
def list_all(
    context: typer.Context,
    collection: CollectionOption = DEFAULT_COLLECTION,
    as_json: JsonOption = False,
) -> None:
    """List the kept queries of a collection, as `samespace queries` alone does."""
    _print_all(context, *given_to_list(context, collection, as_json))


@app.command()
def add(
    context: typer.Context,
    query: Annotated[list[str], typer.Argument(metavar="QUERY...", help="Words, each a query.")],
    *,
    only: OnlyOption = None,
    collection: CollectionOption = DEFAULT_COLLECTION,
) -> None:
    """Keep queries; one that is there already stays as it is."""
    targets = targets_of(only)
    with connect(context) as client:
        kept = [client.keep_query(collection, words, targets=targets) for words in query]
    for one in kept:
        print(f"kept {one['id']}: {one['words']}")


@app.command()
def mark(
    context: typer.Context,
    id: IdArgument,
    document: Annotated[str, typer.Argument(metavar="DOCUMENT", help="The id of a document.")],
    *,
    verdict: Annotated[
        str, typer.Argument(metavar="good|bad|none", help="What it is as an answer.")
    ],
    collection: CollectionOption = DEFAULT_COLLECTION,
) -> None:
    """Mark a document as a good or a bad answer to a kept query, or as neither."""
    verdicts = {"good": True, "bad": False, "none": None}
    if verdict not in verdicts:
        raise typer.BadParameter(f"{verdict!r} is none of good, bad, none")
    with connect(context) as client:
        client.mark_answer(collection, id, document, good=verdicts[verdict])
    print(f"document {document} is {verdict} for query {id}")


@app.command()
def remove(
    context: typer.Context, id: IdArgument, collection: CollectionOption = DEFAULT_COLLECTION
) -> None:
    """Forget a kept query, and what was said of its answers."""
    with connect(context) as client:
        client.forget_query(collection, id)
    print(f"query {id} forgotten")


@app.command()
def log(
    context: typer.Context,
    *,
    forget: Annotated[bool, typer.Option("--forget", help="Forget all of it.")] = False,
    yes: YesOption = False,
    collection: CollectionOption = DEFAULT_COLLECTION,
    as_json: JsonOption = False,
) -> None:
    """Show what was asked of a collection lately, where the server keeps that (SAMESPACE_QUERY_LOG)."""
    if forget:
        confirm(f"Forget what was asked of collection {collection!r}?", yes)
    with connect(context) as client:
        if forget:
            print(f"{client.forget_query_log(collection)} queries forgotten")
            return
        found = client.query_log(collection)
    if as_json:
        print_json(found)
        return
    rows = [[each["asked_at"], each["times"], each["words"]] for each in found["queries"]]
    print_table(["asked", "times", "query"], rows)
    if not found["on"]:
        note("the query log is off, which it is unless SAMESPACE_QUERY_LOG says how many to keep")


def _print_all(context: typer.Context, collection: str, as_json: bool) -> None:
    with connect(context) as client:
        found = client.kept_queries(collection)
    if as_json:
        print_json(found)
        return
    rows = [
        [
            each["id"],
            len(each["good"]),
            len(each["bad"]),
            "+".join(each["targets"] or ["all"]),
            each["words"],
        ]
        for each in found
    ]
    print_table(["id", "good", "bad", "of", "query"], rows)
