"""Losses: InfoNCE with soft targets, distillation from what was known before, and their weighted sum."""

import torch
from torch import Tensor
from torch.nn import functional

LARGEST_SCALE = 100.0  # Radford et al. 2021: more than that is unstable


def contrastive(pictures: Tensor, texts: Tensor, log_scale: Tensor, soft: float) -> Tensor:
    """Symmetric InfoNCE of unit rows (n, dim), one loss for each pair: (n,).

    Oord et al. 2018, arXiv:1807.03748; Radford et al. 2021, arXiv:2103.00020. Where two captions of the
    batch mean the same, both are right: the target is the softmax of the captions' own similarity at
    temperature `soft`; at 0 only equal captions count as the same.
    """
    logits = log_scale.exp().clamp(max=LARGEST_SCALE) * pictures @ texts.T
    targets = same_meaning(texts, soft)
    across = functional.cross_entropy(logits, targets, reduction="none")
    back = functional.cross_entropy(logits.T, targets, reduction="none")
    return across + back


def same_meaning(texts: Tensor, soft: float) -> Tensor:
    """The share of the truth that each caption of a batch has in each other's: (n, n), rows sum to 1."""
    alike = texts @ texts.T
    if soft > 0:
        return (alike / soft).softmax(dim=1)
    equal = (alike > 0.9999).float()
    return equal / equal.sum(dim=1, keepdim=True)


def distillation(logits: Tensor, known: Tensor) -> Tensor:
    """Kullback-Leibler divergence from what a classifier saw before to what it sees now: (n,).

    Hinton et al., Distilling the Knowledge in a Neural Network, 2015, arXiv:1503.02531.
    """
    now, before = logits.log_softmax(dim=1), known.log_softmax(dim=1)
    return functional.kl_div(now, before, reduction="none", log_target=True).sum(dim=1)


def weighted_sum(parts: list[tuple[float, Tensor]]) -> Tensor:
    """The weighted sum of the means of the parts that are there."""
    return torch.stack(
        [weight * part.mean() for weight, part in parts if weight and len(part)]
    ).sum()
