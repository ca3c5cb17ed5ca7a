"""The commands that ask: `search`, `similar`, `classify`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samespace.cli.common import (
    DEFAULT_COLLECTION,
    CollectionOption,
    FilterOption,
    JsonOption,
    as_usage,
    connect,
    parse_object,
)
from samespace.cli.files import absolute, external_id
from samespace.cli.output import (
    clean,
    note,
    print_answer,
    print_classes,
    print_json,
    print_table,
)
from samespace.core.errors import InvalidRequest, NotFound, Unreadable

if TYPE_CHECKING:
    from samespace.client import Client
    from samespace.client.wire import Answer, Classified, Part

TopOption = Annotated[int, typer.Option("--top", "-t", metavar="N", help="How many hits.")]
OffsetOption = Annotated[int, typer.Option(metavar="N", help="Leave out the first N hits.")]
OnlyOption = Annotated[
    str | None, typer.Option(metavar="text|image", help="Only hits of this modality.")
]
PathsOption = Annotated[
    bool, typer.Option("--filepath-only", "-f", help="Print paths alone, each once.")
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

    The parts of a query are joined by + and - (away from), and each may carry a weight:

    \b
        samespace search "2:red car" + photo.jpg - "text overlay"

    Put -- before words that begin with a dash. In a pipe the columns are score, modality, path, page,
    item and passage.
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
    """What is like a stored item, or like a picture on this machine."""
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


def classify(
    context: typer.Context,
    paths: Annotated[
        list[str] | None, typer.Argument(metavar="PATH", help="Pictures, or texts.")
    ] = None,
    *,
    labels: Annotated[
        str, typer.Option("--labels", "-l", metavar="A,B,...", help="The classes.")
    ] = "",
    text: Annotated[str | None, typer.Option(metavar="TEXT", help="A text to classify.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Classify the whole collection.")
    ] = False,
    threshold: Annotated[
        float | None, typer.Option(min=0, max=1, metavar="P", help="Below this the class is none.")
    ] = None,
    only: OnlyOption = None,
    best: Annotated[int, typer.Option(metavar="N", help="With --all: best items shown.")] = 5,
    collection: CollectionOption = DEFAULT_COLLECTION,
    as_json: JsonOption = False,
) -> None:
    """Sort pictures, texts or a whole collection into classes nobody trained for."""
    names = [label.strip() for label in labels.split(",") if label.strip()]
    if not names:
        raise typer.BadParameter("give at least two, such as cat,dog", param_hint="--labels")
    result: dict[str, Any] | list[Classified]
    if sum([bool(paths), text is not None, everything]) != 1:
        raise typer.BadParameter("give PATH..., or --text, or --all")
    with connect(context) as client:
        if everything:
            result = classify_all(
                client, collection, names, targets=targets_of(only), best=best, threshold=threshold
            )
        elif text is not None:
            result = client.classify(collection, names, text=text, threshold=threshold)
        else:
            result = [
                classify_file(client, collection, names, absolute(path), threshold)
                for path in paths or []
            ]
    show_classes(result, paths or ["text"], as_json=as_json)


def parse_parts(words: Sequence[str]) -> "list[Part]":
    """The parts of a query as typed, pictures read from disk; a usage error if it makes no sense."""
    from search.syntax import Kind, parse_query_text

    try:
        typed = parse_query_text(words)
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


def classify_file(
    client: "Client", collection: str, labels: list[str], path: Path, threshold: float | None
) -> "Classified":
    """The class of a file: a picture by its name, a text otherwise."""
    from search.syntax import is_picture_file

    content = read_file(path)
    if is_picture_file(str(path)):
        results = client.classify(collection, labels, image=content, threshold=threshold)
    else:
        results = client.classify(
            collection, labels, text=decode(content, path), threshold=threshold
        )
    return results[0]


def decode(content: bytes, path: Path) -> str:
    """The text of a file; Unreadable if it is not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path} is neither a picture nor a text in UTF-8") from error


def classify_all(
    client: "Client",
    collection: str,
    labels: list[str],
    *,
    targets: list[str] | None,
    best: int,
    threshold: float | None,
) -> dict[str, Any]:
    """The counts of each label over the whole collection, and its best items."""
    from samespace.cli.add import job_progress
    from samespace.cli.progress import showing_progress

    id = client.classify_collection(
        collection, labels, targets=targets, best=best, threshold=threshold
    )
    with showing_progress() as show:
        job = client.wait(id, on_progress=job_progress("classified", show))[0]
    if job["state"] != "ready":
        raise Unreadable(f"job {id} {job['state']}: {job['reason']}")
    return job["result"] or {}


def print_counts(result: dict[str, Any]) -> None:
    """Each label with its count and the names of its best items."""
    rows = [
        [label["name"], label["count"], ", ".join(clean(b["document_name"]) for b in label["best"])]
        for label in result["labels"]
    ]
    print_table(["label", "items", "best"], [*rows, ["none", result["none"], ""]])
    if not result["complete"]:
        note("stopped before the end")


def show_classes(
    result: "dict[str, Any] | list[Classified]", names: Sequence[str], *, as_json: bool
) -> None:
    """The counts of a collection, or the class of each input under its name."""
    if as_json:
        print_json(result)
    elif isinstance(result, dict):
        print_counts(result)
    else:
        print_classes(result, names)


def show(answer: "Answer", *, as_json: bool, paths_only: bool) -> None:
    """The answer in the shape that was asked for."""
    if as_json:
        print_json(answer)
    else:
        print_answer(answer, paths_only=paths_only)
