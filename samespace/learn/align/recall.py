"""The one figure that training is chosen by."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from samespace.core.types import Vectors
from samespace.learn.align import views
from samespace.learn.align.pictures import load_square
from samespace.learn.align.plan import Plan
from samespace.learn.align.tower import Tower
from samespace.learn.evaluate.directions import (
    IMAGE_TO_TEXT,
    TEXT_TO_IMAGE,
    distinct_captions,
    judge,
)
from samespace.learn.pairs import Pair
from samespace.learn.progress import Tell

if TYPE_CHECKING:
    from samespace.encoders.base import Encoder

BATCH = 64


def mean_recall(rows: torch.Tensor, texts: Vectors, pairs: Sequence[Pair]) -> float:
    """Recall@10, the mean of words -> pictures and pictures -> words.

    `rows` are those of the pictures (pairs, dim), `texts` those of `distinct_captions(pairs)`.
    """
    judged = judge(rows.numpy(), texts, pairs)
    directions = (TEXT_TO_IMAGE, IMAGE_TO_TEXT)
    return float(np.mean([judged[name]["recall@10"].mean() for name in directions]))


def recall_at_10(
    tower: Tower, pairs: Sequence[Pair], encoder: "Encoder", plan: Plan, tell: Tell
) -> float:
    """The `mean_recall` of a tower that sees the pictures whole, on white."""
    texts = encoder.encode_texts(distinct_captions(pairs))
    rows = []
    for start in range(0, len(pairs), BATCH):
        pictures = load_square([pair.path for pair in pairs[start : start + BATCH]], plan.side)
        with torch.inference_mode():
            rows.append(tower.rows(tower.features(tower.lower(views.on_white(pictures)))).cpu())
        tell("judging", min(start + BATCH, len(pairs)), len(pairs))
    return mean_recall(torch.cat(rows), texts, pairs)
