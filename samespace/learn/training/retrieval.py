"""The one figure that training is chosen by: recall@10 of a tower on pictures that were held back."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from samespace.core.content import of_texts
from samespace.core.types import Vectors
from samespace.learn.evaluate.directions import (
    IMAGE_TO_TEXT,
    TEXT_TO_IMAGE,
    distinct_captions,
    judge,
)
from samespace.learn.pairs import Pair
from samespace.learn.progress import ProgressCallback
from samespace.learn.training import views
from samespace.learn.training.pictures import load_square
from samespace.learn.training.tower import Tower

if TYPE_CHECKING:
    from samespace.encoders.base import Encoder

BATCH = 64


@dataclass(frozen=True)
class Validation:
    """Pairs that were held back, and the rows of their distinct captions."""

    pairs: Sequence[Pair]
    texts: Vectors

    def recall(self, tower: Tower, batches: Iterable[Tensor]) -> float:
        """Recall@10, the mean of words -> pictures and pictures -> words.

        `batches` are what `Tower.lower` makes of the pictures, in the order of the pairs.
        """
        with torch.inference_mode():
            rows = [tower.rows(tower.features(maps.to(tower.device))).cpu() for maps in batches]
        judged = judge(torch.cat(rows).numpy(), self.texts, self.pairs)
        directions = (TEXT_TO_IMAGE, IMAGE_TO_TEXT)
        return float(np.mean([judged[name]["recall@10"].mean() for name in directions]))


def validation(pairs: Sequence[Pair], encoder: "Encoder") -> Validation:
    """The pairs with their captions encoded."""
    return Validation(pairs, encoder.encode(of_texts(distinct_captions(pairs))))


def recall_at_10(
    tower: Tower, pairs: Sequence[Pair], encoder: "Encoder", report: ProgressCallback
) -> float:
    """The recall of a tower as it would be shipped: pictures whole, on white, in float32 throughout."""
    return validation(pairs, encoder).recall(tower, _maps(tower, [p.path for p in pairs], report))


def _maps(tower: Tower, files: Sequence[Path], report: ProgressCallback) -> Iterator[Tensor]:
    for start in range(0, len(files), BATCH):
        pictures = load_square(files[start : start + BATCH], tower.architecture.side)
        yield tower.lower(views.on_white(pictures))
        report("judging", min(start + BATCH, len(files)), len(files))
