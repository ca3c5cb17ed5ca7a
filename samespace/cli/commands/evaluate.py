"""`samespace eval`: how good an encoder or a collection is, on pairs or on judged queries."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from samespace.cli.commands.evaluate_wishes import Wishes, checked_directions, checked_templates
from samespace.cli.commands.files import absolute
from samespace.cli.terminal.common import JsonOption, MaxBadOption, connect, settings_of

if TYPE_CHECKING:
    from samespace.core.settings import Settings
    from samespace.learn.evaluate.report import Report


FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="Pairs or judged queries: CSV, JSONL, JSON.")
]
EncoderOption = Annotated[
    str | None,
    typer.Option(
        metavar="PRESET|MODEL", help="Evaluate this encoder; default: that of SAMESPACE_PRESET."
    ),
]
CollectionOption = Annotated[
    str | None,
    typer.Option("--collection", "-c", metavar="NAME", help="Evaluate this collection instead."),
]
DirectionOption = Annotated[
    list[str] | None,
    typer.Option("--direction", metavar="A->B", help="Only this one; may be repeated."),
]
LabelOption = Annotated[
    str, typer.Option(metavar="NAME", help="The column with the groups (the classes).")
]
TemplateOption = Annotated[
    list[str] | None,
    typer.Option(
        "--template", metavar="TEXT", help='A prompt for classes, such as "a photo of a {}".'
    ),
]
SeedOption = Annotated[
    int, typer.Option(min=0, metavar="N", help="Seed of the confidence intervals.")
]
DataOption = Annotated[
    Path | None, typer.Option(metavar="DIR", help="The data folder of `samespace up`.")
]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the JSON there.")
]


def evaluate(
    context: typer.Context,
    file: FileArgument,
    *,
    encoder: EncoderOption = None,
    collection: CollectionOption = None,
    direction: DirectionOption = None,
    label_column: LabelOption = "",
    template: TemplateOption = None,
    max_bad: MaxBadOption = 0.05,
    seed: SeedOption = 0,
    data: DataOption = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Evaluate an encoder, or a collection, on pictures with captions or on judged queries.

    A row of pairs has path and caption, and may have caption2..., group, source and split. For an
    encoder, captions are queries for pictures, pictures for captions, and both for others of their group;
    the groups are the classes of a zero-shot classification. For a collection, captions are queries for the
    pictures it holds, and its index is compared with exact search over the same vectors.

    A row of judged queries has query or picture, and right: the documents that answer it.

    recall@k is the share of queries with a right answer among the first k; every figure has a 95%
    interval. Evaluating an encoder needs no server.
    """
    if encoder is not None and collection is not None:
        raise typer.BadParameter("give --encoder or --collection, not both")
    wishes = Wishes(
        file=absolute(file),
        directions=checked_directions(direction),
        group_column=label_column,
        templates=checked_templates(template),
        max_bad=max_bad,
        seed=seed,
    )
    report = judge(context, wishes, settings_of(context, data=data), encoder, collection)
    from samespace.cli.commands.evaluate_show import show

    show(report, output=output, as_json=as_json)


def judge(
    context: typer.Context,
    wishes: Wishes,
    settings: "Settings",
    encoder: str | None,
    collection: str | None,
) -> "Report":
    """The report on a collection, or on an encoder; a usage error for queries without a collection."""
    if collection is not None:
        from samespace.cli.commands.evaluate_collection import judge_collection

        with connect(context) as client:
            return judge_collection(collection, client, wishes, settings)
    from samespace.cli.commands.evaluate_encoder import judge_encoder
    from samespace.learn.evaluate.queries import holds_queries

    if holds_queries(wishes.file):
        raise typer.BadParameter("judged queries are asked of a collection: give --collection")
    return judge_encoder(encoder or settings.preset, wishes, settings)
