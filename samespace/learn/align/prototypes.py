"""What stands in for photographs that are not there: features a classifier takes for its own classes."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class Prototypes:
    """Features (n, width) with the unit rows (n, dim) they belong to, and the classifier they came from.

    `weight` (classes, width) and `bias` (classes,) turn features into the classifier's logits.
    """

    features: Tensor
    rows: Tensor
    weight: Tensor
    bias: Tensor

    def sample(self, count: int, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """So many features with their rows, at random."""
        chosen = rng.integers(len(self.features), size=count)
        return self.features[chosen], self.rows[chosen]

    def to(self, device: torch.device) -> "Prototypes":
        """The same, on a device."""
        parts = (self.features, self.rows, self.weight, self.bias)
        return Prototypes(*(part.to(device) for part in parts))

    def logits(self, features: Tensor) -> Tensor:
        """What the classifier says of features (n, width): (n, classes)."""
        return features @ self.weight.T + self.bias
