"""What `samespace train` does, from pairs to a model folder."""

import shlex
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import torch
from safetensors import SafetensorError

from samespace.cli.commands.evaluate_show import report_bad_rows
from samespace.cli.commands.train_wishes import Training
from samespace.cli.terminal.output import note
from samespace.cli.terminal.progress import reporting_progress
from samespace.core.errors import Conflict, Unavailable, Unreadable
from samespace.core.settings import Settings
from samespace.encoders import sentences, starter
from samespace.encoders.device import Compute, compute_of
from samespace.encoders.folding import round_weights
from samespace.encoders.presets import STARTER
from samespace.encoders.sentences import SentenceEncoder
from samespace.encoders.written import RECORD
from samespace.learn.align.divide import divide
from samespace.learn.align.plan import Plan
from samespace.learn.align.run import VALIDATION, align
from samespace.learn.initial import InitialTower, initial_tower
from samespace.learn.pairs import Pair, read_pairs
from samespace.learn.training.export import export
from samespace.learn.training.retrieval import recall_at_10
from samespace.registry.card import Card, Learned, write_card

CHECKS = 10  # of the held-back pictures, at least
MOST_BETWEEN = 100  # steps from one check to the next
HEAD_SHARE = 0.3  # of the steps are for the projection alone
FEW = 10  # recall@10 among so many pictures is always 1


def train_model(wanted: Training, settings: Settings) -> None:
    """Align, write the model folder, and say what it brought.

    Raises what reading, dividing, initialising and aligning raise; Conflict where the folder to write
    holds something else; Unreadable or Unavailable where nothing can be written there.
    """
    make_room(wanted)
    read = read_pairs(wanted.file, wanted.max_bad)
    report_bad_rows(read.bad)
    pairs = divide(read.good, wanted.validation_share)
    held_back = [pair for pair in pairs if pair.split == VALIDATION]
    report_split(len(pairs), len(held_back), len(read.good))
    device = compute_of(settings).device
    if settings.threads:
        torch.set_num_threads(settings.threads)
    initial = initial_tower(wanted.start, plan_of(wanted))
    initial.tower.to(device)
    texts = sentences.load(STARTER, Compute(device, "float32"), starter.text_folder())
    before, after = fit(initial, pairs, held_back, texts, wanted.work)
    write(wanted.out, initial)
    write_card(wanted.out, card_of(wanted, before, after, len(pairs), len(held_back)))
    report_end(wanted, before, after, len(held_back))


def make_room(wanted: Training) -> None:
    """The folder that will be written, made before hours of work; Conflict or Unreadable."""
    if wanted.out.is_dir() and any(wanted.out.iterdir()) and not (wanted.out / RECORD).exists():
        raise Conflict(f"{wanted.out} holds something else: name another folder with --out")
    try:
        wanted.out.mkdir(parents=True, exist_ok=True)
        wanted.work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unreadable(f"{error.filename} cannot be made: {error.strerror}") from error


def plan_of(wanted: Training) -> Plan:
    """The plan of these wishes; the pixels are those of the initial weights."""
    return Plan(
        tower=wanted.tower,
        steps=wanted.steps,
        head_steps=round(HEAD_SHARE * wanted.steps),
        batch=wanted.batch,
        views=wanted.views,
        frozen_stages=wanted.frozen_stages,
        check_every=max(1, min(MOST_BETWEEN, wanted.steps // CHECKS)),
        patience=wanted.patience,
        seed=wanted.seed,
    )


def fit(
    initial: InitialTower,
    pairs: Sequence[Pair],
    held_back: Sequence[Pair],
    texts: SentenceEncoder,
    work: Path,
) -> tuple[float, float]:
    """Train the tower, round it as it is written; recall@10 on what was held back, before and after."""
    tower = initial.tower
    with reporting_progress() as report:
        before = recall_at_10(tower, held_back, texts, report)
        align(
            pairs,
            texts,
            tower,
            initial.plan,
            folder=work,
            report=report,
            prototypes_of=initial.prototypes_of,
        )
        tower.visual = round_weights(tower.visual)
        return before, recall_at_10(tower, held_back, texts, report)


def write(out: Path, initial: InitialTower) -> None:
    """The model folder; Unavailable where the disk does not take it."""
    try:
        export(out, initial.tower, starter.texts())
    except (OSError, SafetensorError) as error:
        raise Unavailable(f"the model could not be written to {out}: {error}") from error


def card_of(wanted: Training, before: float, after: float, used: int, held_back: int) -> Card:
    """Where the model came from, for whoever meets its folder later."""
    return Card(
        parent=f"{wanted.start} ({wanted.tower})",
        method="align: a picture tower, to the texts of starter",
        data=Learned(file=str(wanted.file), items=used - held_back, held_back=held_back),
        figures={"recall@10 before": before, "recall@10": after},
        code=f"samespace {version('samespace')}",
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        licence="own, with the texts of starter (Apache-2.0)",
    )


def report_split(used: int, held_back: int, read: int) -> None:
    """How the pairs were divided."""
    note(f"learning from {used - held_back} pictures, {held_back} are held back")
    if used < read:
        note(f"{read - used} of other splits are left alone")
    if held_back <= FEW:
        note(f"{held_back} are too few to choose by: hold back some hundred")


def report_end(wanted: Training, before: float, after: float, held_back: int) -> None:
    """What it brought, and the next command."""
    print(f"recall@10 on {held_back} held-back pictures: {before:.3f} before, {after:.3f} after")
    preset = shlex.quote(f"open_clip:local-dir:{wanted.out}")
    print(f"next: samespace collections create NAME --preset {preset}")
    print(f"or first: samespace models add {shlex.quote(str(wanted.out))}")
    note("a model that was added is there for every machine, also when the folder moves or goes")
    note(f"{wanted.work} holds views and checkpoints; it may be deleted")
