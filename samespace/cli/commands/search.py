"""The commands that ask: `search`, `similar`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samespace.cli.commands.files import absolute, external_id
from samespace.cli.terminal.common import (
    DEFAULT_COLLECTION,
    CollectionOption,
    FilterOption,
    JsonOption,
    as_usage,
    connect,
    parse_object,
)
from samespace.cli.terminal.output import print_answer, print_json
from samespace.core.errors import InvalidRequest, NotFound, Unreadable

if TYPE_CHECKING:
    from samespace.client import Client
    from samespace.client.views import Answer
    from samespace.client.wire import Part

TopOption = Annotated[int, typer.Option("--top", "-t", metavar="N", help="How many hits.")]
OffsetOption = Annotated[int, typer.Option(metavar="N", help="Skip the first N hits.")]
OnlyOption = Annotated[
    str | None, typer.Option(metavar="text|image", help="Only hits of this modality.")
]
PathsOption = Annotated[
    bool, typer.Option("--filepath-only", "-f", help="Print only paths, each once.")
]


def search(
    context: typer.Context,
    query: Annotated[
        list[str],
        typer.Argument(metavar="QUERY", help="Words and pictures, joined by + and -."),
    ],
    *,
    collection: CollectionOption = DEFAULT_COLLECTION,
    top: TopOption = 10,
    offset: OffsetOption = 0,
    only: OnlyOption = None,
    filter: FilterOption = None,
    paths_only: PathsOption = False,
    as_json: JsonOption = False,
) -> None:
    """Search by words, by pictures, or by both at once.

    The parts of a query are joined by + and - (which moves away from its part); each may have a weight:

    \b
        samespace search "2:red car" + photo.jpg - "text overlay"

    A weight is a number and a colon right before words. What begins with a digit needs two colons
    (2::16 candles): 16:45, John 3:16, 16:9 and 1:n are words.

    Put -- before words that begin with a dash. In a pipe the columns are score, modality, path, page,
    item and passage. Exits with status 1 if a filter finds nothing and names a field that no document has.
    """
    parts = parse_parts(query)
    wanted = parse_object(filter, "--filter")
    with connect(context) as client:
        answer = client.search(
            collection,
            parts=parts,
            targets=targets_of(only),
            filter=wanted,
            limit=top,
            offset=offset,
        )
    show(answer, as_json=as_json, paths_only=paths_only)


def similar(
    context: typer.Context,
    what: Annotated[str, typer.Argument(metavar="ITEM|PATH", help="An item's id, or a picture.")],
    *,
    collection: CollectionOption = DEFAULT_COLLECTION,
    top: TopOption = 10,
    offset: OffsetOption = 0,
    only: OnlyOption = None,
    filter: FilterOption = None,
    paths_only: PathsOption = False,
    as_json: JsonOption = False,
) -> None:
    """Find what is similar to a stored item, or to a picture on this machine."""
    wanted = parse_object(filter, "--filter")
    targets = targets_of(only)
    path = absolute(what)
    with connect(context) as client:
        if path.is_file():
            answer = similar_to_file(
                client, collection, path, targets, filter=wanted, limit=top, offset=offset
            )
        else:
            answer = client.similar(
                collection, what, targets=targets, filter=wanted, limit=top, offset=offset
            )
    show(answer, as_json=as_json, paths_only=paths_only)


def parse_parts(words: Sequence[str]) -> "list[Part]":
    """The parts of a query as typed, pictures read from disk; a usage error if it makes no sense."""
    from samespace.cli.terminal.pictures import is_picture_file
    from search.syntax import Kind, parse_query_text

    try:
        typed = parse_query_text(words, is_picture_file)
    except InvalidRequest as error:
        raise as_usage(error) from error
    return [
        {"image": read_file(absolute(part.value)), "weight": part.weight}
        if part.kind is Kind.PICTURE
        else {"text": part.value, "weight": part.weight}
        for part in typed
    ]


def targets_of(only: str | None) -> list[str] | None:
    """The wanted modalities."""
    return None if only is None else [each.strip() for each in only.split(",")]


def read_file(path: Path) -> bytes:
    """The bytes of a file; NotFound, Unreadable."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {str(path)!r}") from error
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}") from error


def similar_to_file(
    client: "Client",
    collection: str,
    path: Path,
    targets: list[str] | None,
    *,
    limit: int,
    offset: int,
    filter: dict[str, Any] | None,
) -> "Answer":
    """What is like a picture file, without that file's own document."""
    part: Part = {"image": read_file(path)}
    answer = client.search(
        collection, parts=[part], targets=targets, filter=filter, limit=limit + 1, offset=offset
    )
    others = [hit for hit in answer["hits"] if hit["document"]["external_id"] != external_id(path)]
    return {**answer, "hits": others[:limit]}


def show(answer: "Answer", *, as_json: bool, paths_only: bool) -> None:
    """The answer in the shape that was asked for; status 1 where the filter asks for fields that no document has."""
    if as_json:
        print_json(answer)
    else:
        print_answer(answer, paths_only=paths_only)
    if answer.get("unknown_fields"):
        raise typer.Exit(1)
