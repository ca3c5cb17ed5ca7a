"""`samespace train`: a picture tower aligned with a user's own pictures and captions."""

from pathlib import Path
from typing import Annotated

import typer

from samespace.cli.commands.files import absolute
from samespace.cli.commands.train_wishes import Training
from samespace.cli.terminal.common import MaxBadOption, settings_of
from samespace.cli.terminal.output import note

INTERRUPTED = 130


PairsArgument = Annotated[
    Path, typer.Argument(metavar="PAIRS", help="Pictures with captions: CSV or JSONL.")
]
OutOption = Annotated[
    Path, typer.Option("--out", "-o", metavar="FOLDER", help="Write the model there.")
]
StartOption = Annotated[
    str,
    typer.Option(metavar="NAME|FILE", help="Start from starter, imagenet or a safetensors file."),
]
TowerOption = Annotated[str, typer.Option(metavar="NAME", help="The timm model that a FILE is of.")]
StepsOption = Annotated[int, typer.Option(min=1, metavar="N", help="Most batches to train on.")]
BatchOption = Annotated[int, typer.Option(min=2, metavar="N", help="Pairs in a batch.")]
ViewsOption = Annotated[
    int, typer.Option(min=1, metavar="N", help="Augmented views of each picture.")
]
FrozenOption = Annotated[
    int, typer.Option(min=0, metavar="N", help="Lower stages that are not trained.")
]
PatienceOption = Annotated[
    int, typer.Option(min=1, metavar="N", help="Stop after this many checks without improvement.")
]
SeedOption = Annotated[int, typer.Option(min=0, metavar="N", help="Seed of everything random.")]
ValidationOption = Annotated[
    float,
    typer.Option(min=0, max=1, metavar="SHARE", help="Share held back, if no split is given."),
]
WorkOption = Annotated[
    Path | None,
    typer.Option(metavar="FOLDER", help="Folder for views and checkpoints; default: FOLDER.work."),
]


def train(
    context: typer.Context,
    pairs: PairsArgument,
    *,
    out: OutOption,
    start: StartOption = "starter",
    tower: TowerOption = "tf_efficientnet_lite0",
    steps: StepsOption = 1000,
    batch: BatchOption = 128,
    views: ViewsOption = 4,
    frozen_stages: FrozenOption = 5,
    patience: PatienceOption = 8,
    seed: SeedOption = 0,
    max_bad: MaxBadOption = 0.05,
    validation_share: ValidationOption = 0.1,
    work: WorkOption = None,
) -> None:
    """Train a picture encoder on your own pictures and captions.

    A row of pairs has path and caption, and may have caption2..., group and split (train or
    validation). The texts stay as preset starter has them; the picture tower learns to put each picture
    where its captions are. The checkpoint that is best on the held-back pictures is written as an
    open_clip model.

    Ctrl-C stops it; the same command resumes. No server is needed.
    """
    wanted = Training(
        file=absolute(pairs),
        out=absolute(out),
        work=absolute(work or out.with_name(f"{out.name}.work")),
        start=start,
        tower=tower,
        steps=steps,
        batch=batch,
        views=views,
        frozen_stages=frozen_stages,
        patience=patience,
        seed=seed,
        max_bad=max_bad,
        validation_share=validation_share,
    )
    settings = settings_of(context)
    from samespace.cli.commands.train_run import train_model

    try:
        train_model(wanted, settings)
    except KeyboardInterrupt:
        note("stopped; run the same command again to go on")
        raise typer.Exit(INTERRUPTED) from None
