"""The starter's picture tower from nothing: data, training, the file that is shipped, judgement."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import torch

from recipes.starter import manifest
from samespace.encoders.folding import round_weights
from samespace.encoders.tower import write_tower
from samespace.learn.align.plan import Plan
from samespace.learn.align.run import VALIDATION, align
from samespace.learn.imagenet import pretrained, with_its_pixels
from samespace.learn.pairs import Pair, read_pairs
from samespace.learn.progress import ProgressCallback
from samespace.learn.training.checkpoint import Progress
from samespace.learn.training.export import stored
from samespace.learn.training.retrieval import recall_at_10

if TYPE_CHECKING:
    from samespace.encoders.base import Encoder

RECIPE = "1"
PLAN = with_its_pixels(Plan(tower_rate=2e-4, keep=1.0, patience=8, steps=1000))


@dataclass(frozen=True)
class Made:
    """A finished run: how training went, recall@10 on validation of what is shipped, and the seconds that
    data and training took."""

    plan: Plan
    progress: Progress
    shipped: float
    data_seconds: float
    training_seconds: float

    def as_dict(self) -> dict[str, Any]:
        """The run as JSON has it."""
        return {
            "recipe": RECIPE,
            "plan": self.plan.as_dict(),
            "progress": asdict(self.progress),
            "shipped": self.shipped,
            "data_seconds": round(self.data_seconds),
            "training_seconds": round(self.training_seconds),
        }


def make(
    cache: Path, tower_file: Path, encoder: "Encoder", plan: Plan, report: ProgressCallback
) -> Made:
    """Fetch the data, train, and write the tower with its pin; a stopped run goes on where it was.

    `encoder` is the locked text tower. Raises Unavailable if a package cannot be had.
    """
    started = monotonic()
    manifest.build(cache, report)
    pairs = pairs_of(cache)
    fetched = monotonic()
    tower, prototypes_of = pretrained(plan)
    progress = align(
        pairs,
        encoder,
        tower,
        plan,
        folder=cache / "run",
        report=report,
        views_folder=views_folder(cache),
        prototypes_of=prototypes_of,
    )
    tower.visual = round_weights(tower.visual).to(memory_format=torch.channels_last)
    held_back = [pair for pair in pairs if pair.split == VALIDATION]
    shipped = recall_at_10(tower, held_back, encoder, report)
    write_tower(tower_file, stored(tower, RECIPE))
    return Made(plan, progress, shipped, fetched - started, monotonic() - fetched)


def views_folder(cache: Path) -> Path:
    """Where the views of the pictures are kept, for every plan that sees them alike."""
    return cache / "views"


def pairs_of(cache: Path) -> list[Pair]:
    """The pairs that the data was made into, as they are learned from and judged."""
    return named_alone(read_pairs(cache / manifest.PAIRS_FILE, check_pictures=False).good)


def named_alone(pairs: Sequence[Pair]) -> list[Pair]:
    """Pairs of which only those for training keep more than the first caption, the name.

    A keyword ("beat" of a drum) helps to learn from and is no fair question.
    """
    return [
        pair if pair.split == "train" else replace(pair, captions=pair.captions[:1])
        for pair in pairs
    ]
