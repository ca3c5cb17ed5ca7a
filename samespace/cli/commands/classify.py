"""`samespace classify`: zero-shot classes of files, of a text, or of a whole collection."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from samespace.cli.commands.add import job_progress
from samespace.cli.commands.files import absolute
from samespace.cli.commands.labels import (
    Classes,
    LabelsOption,
    ThresholdOption,
    classes_of,
    kept_classes,
    parse_labels,
)
from samespace.cli.commands.search import OnlyOption, read_file, targets_of
from samespace.cli.terminal.common import DEFAULT_COLLECTION, CollectionOption, JsonOption, connect
from samespace.cli.terminal.output import clean, note, print_classes, print_json, print_table
from samespace.cli.terminal.progress import showing_progress
from samespace.core.errors import Unreadable

if TYPE_CHECKING:
    from samespace.client import Client
    from samespace.client.views import Classified


def classify(
    context: typer.Context,
    paths: Annotated[
        list[str] | None, typer.Argument(metavar="PATH", help="Pictures, or texts.")
    ] = None,
    *,
    labels: LabelsOption = "",
    kept: Annotated[
        str | None, typer.Option("--set", metavar="NAME", help="A label set of `samespace labels`.")
    ] = None,
    text: Annotated[str | None, typer.Option(metavar="TEXT", help="A text to classify.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Classify the whole collection.")
    ] = False,
    threshold: ThresholdOption = None,
    only: OnlyOption = None,
    best: Annotated[int, typer.Option(metavar="N", help="With --all: best items shown.")] = 5,
    collection: CollectionOption = DEFAULT_COLLECTION,
    as_json: JsonOption = False,
) -> None:
    """Classify pictures, texts or a whole collection zero-shot, into classes that you name."""
    if labels and kept is not None:
        raise typer.BadParameter("give --labels or --set, not both")
    names = parse_labels(labels) if kept is None else []
    result: dict[str, Any] | list[Classified]
    if sum([bool(paths), text is not None, everything]) != 1:
        raise typer.BadParameter("give PATH..., or --text, or --all")
    with connect(context) as client:
        classes = (
            classes_of(names, threshold)
            if kept is None
            else kept_classes(client, collection, kept, threshold)
        )
        if everything:
            result = classify_all(client, collection, classes, targets=targets_of(only), best=best)
        elif text is not None:
            result = client.classify(collection, text=text, **classes)
        else:
            result = [
                classify_file(client, collection, classes, absolute(path)) for path in paths or []
            ]
    show_classes(result, paths or ["text"], as_json=as_json)


def classify_file(client: "Client", collection: str, classes: Classes, path: Path) -> "Classified":
    """The class of a file: a picture by its name, a text otherwise."""
    from samespace.cli.terminal.pictures import is_picture_file

    content = read_file(path)
    if is_picture_file(str(path)):
        results = client.classify(collection, image=content, **classes)
    else:
        results = client.classify(collection, text=decode(content, path), **classes)
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
    classes: Classes,
    *,
    targets: list[str] | None,
    best: int,
) -> dict[str, Any]:
    """The counts of each label over the whole collection, and its best items."""
    id = client.classify_collection(collection, targets=targets, best=best, **classes)
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
