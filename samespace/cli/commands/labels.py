"""`samespace labels`: classes kept under a name, and the classes that a command line asks for."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

import typer

from samespace.cli.terminal.common import (
    DEFAULT_COLLECTION,
    CollectionOption,
    JsonOption,
    connect,
    given_to_list,
    is_alone,
)
from samespace.cli.terminal.output import note, print_json, print_table
from samespace.core.errors import NotFound

if TYPE_CHECKING:
    from samespace.client import Client
    from samespace.client.views import LabelSet

app = typer.Typer(
    help="Save, list and delete label sets (classes under a name); the page uses them too.",
    rich_markup_mode=None,
)

LabelsOption = Annotated[
    str, typer.Option("--labels", "-l", metavar="A,B,...", help="The classes.")
]
ThresholdOption = Annotated[
    float | None,
    typer.Option(min=0, max=1, metavar="P", help="Below this probability the class is none."),
]
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The name of the label set.")]


class Classes(TypedDict):
    """What to classify with, as the client takes it."""

    labels: Sequence[str | Mapping[str, Any]]
    templates: Sequence[str] | None
    threshold: float | None


def parse_labels(labels: str) -> list[str]:
    """The names of a list with commas; a usage error for none."""
    names = [label.strip() for label in labels.split(",") if label.strip()]
    if not names:
        raise typer.BadParameter("give at least two, such as cat,dog", param_hint="--labels")
    return names


def classes_of(names: Sequence[str], threshold: float | None = None) -> Classes:
    """Classes by their names alone."""
    return {"labels": names, "templates": None, "threshold": threshold}


def kept_classes(
    client: "Client", collection: str, name: str, threshold: float | None = None
) -> Classes:
    """The classes that were kept under a name, with another threshold where one is given; NotFound."""
    known = {each["name"]: each for each in client.label_sets(collection)}
    if name not in known:
        raise NotFound(
            f"collection {collection!r} has no label set {name!r}; it has {', '.join(known) or 'none'}"
        )
    kept = known[name]
    if threshold is None and kept.get("stale"):
        note(
            f"the threshold of label set {name} was chosen for another model than {collection} has now; "
            "look whether it still fits, and save it again"
        )
    return {
        "labels": kept["labels"],
        "templates": kept["templates"],
        "threshold": kept["threshold"] if threshold is None else threshold,
    }


@app.callback(invoke_without_command=True)
def show(
    context: typer.Context,
    collection: CollectionOption = DEFAULT_COLLECTION,
    as_json: JsonOption = False,
) -> None:
    """List the label sets of a collection; or save, or delete one."""
    if is_alone(context, collection):
        _print_all(context, collection, as_json)


@app.command("list")
def list_all(
    context: typer.Context,
    collection: CollectionOption = DEFAULT_COLLECTION,
    as_json: JsonOption = False,
) -> None:
    """List the label sets of a collection, as `samespace labels` alone does."""
    _print_all(context, *given_to_list(context, collection, as_json))


def _print_all(context: typer.Context, collection: str, as_json: bool) -> None:
    with connect(context) as client:
        found = client.label_sets(collection)
    if as_json:
        print_json(found)
    else:
        print_table(["name", "threshold", "labels"], [_row(each) for each in found])


@app.command()
def save(
    context: typer.Context,
    name: NameArgument,
    *,
    labels: LabelsOption,
    template: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TEXT", help="A prompt with {} for the label's name; may be repeated."
        ),
    ] = None,
    threshold: ThresholdOption = None,
    collection: CollectionOption = DEFAULT_COLLECTION,
) -> None:
    """Save classes under a name, replacing the label set of that name."""
    names = parse_labels(labels)
    with connect(context) as client:
        client.save_label_set(collection, name, names, templates=template, threshold=threshold)
    print(f"label set {name} saved for {collection}: {', '.join(names)}")


@app.command()
def delete(
    context: typer.Context, name: NameArgument, collection: CollectionOption = DEFAULT_COLLECTION
) -> None:
    """Delete a label set."""
    with connect(context) as client:
        client.delete_label_set(collection, name)
    print(f"label set {name} deleted")


def _row(kept: "LabelSet") -> list[object]:
    names = [each if isinstance(each, str) else each["name"] for each in kept["labels"]]
    cut = f"{kept['threshold']} (for another model)" if kept.get("stale") else kept["threshold"]
    return [kept["name"], cut, ", ".join(names)]
