"""The captions of all pictures as rows of the locked text tower, each in every template."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from samespace.core.content import of_texts
from samespace.learn.pairs import Pair

if TYPE_CHECKING:
    from samespace.encoders.base import Encoder
    from samespace.learn.progress import ProgressCallback

BATCH = 128


@dataclass(frozen=True)
class Captions:
    """Rows (captions, templates, dim) of all distinct captions, and which of them each picture has."""

    rows: torch.Tensor
    of_picture: tuple[tuple[int, ...], ...]

    def first(self) -> torch.Tensor:
        """The row of each picture's first caption, as it is written: (pictures, dim)."""
        return self.rows[[own[0] for own in self.of_picture], 0]

    def sample(
        self, pictures: Sequence[int], first_share: float, rng: np.random.Generator
    ) -> torch.Tensor:
        """A caption of each picture at random, in a random template; the first with `first_share` more."""
        chosen = [
            own[0] if rng.random() < first_share else own[rng.integers(len(own))]
            for own in (self.of_picture[picture] for picture in pictures)
        ]
        return self.rows[chosen, rng.integers(self.rows.shape[1], size=len(chosen))]


def embed_captions(
    pairs: Sequence[Pair], encoder: "Encoder", templates: Sequence[str], report: "ProgressCallback"
) -> Captions:
    """Every distinct caption of the pairs in every template, encoded once."""
    number = {
        text: at for at, text in enumerate(dict.fromkeys(c for p in pairs for c in p.captions))
    }
    texts = [template.format(caption) for caption in number for template in templates]
    order = sorted(range(len(texts)), key=lambda at: len(texts[at]))  # little padding in a batch
    rows = np.empty((len(texts), encoder.space.dim), np.float32)
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        rows[batch] = encoder.encode(of_texts([texts[at] for at in batch]))
        report("captions", min(start + BATCH, len(texts)), len(texts))
    return Captions(
        torch.from_numpy(rows).view(len(number), len(templates), -1),
        tuple(tuple(number[caption] for caption in pair.captions) for pair in pairs),
    )
