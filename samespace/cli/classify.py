"""`samespace classify`: zero-shot classes of files, of a text, or of a whole collection."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samespace.cli.add import job_progress
from samespace.cli.ask import OnlyOption, read_file, targets_of
from samespace.cli.common import DEFAULT_COLLECTION, CollectionOption, JsonOption, connect
from samespace.cli.files import absolute
from samespace.cli.output import clean, note, print_classes, print_json, print_table
from samespace.cli.progress import showing_progress
from samespace.core.errors import Unreadable

if TYPE_CHECKING:
    from samespace.client import Client
    from samespace.client.wire import Classified


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
