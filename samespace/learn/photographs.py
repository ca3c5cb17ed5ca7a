"""Photographs without photographs: features that the ImageNet classifier takes for its classes.

No photograph is among the sources, but a classifier trained on 1.2 million of them is. Its last layer says
in which direction each class lies. Features are drawn around the mean that its last batch norm keeps of
photographs, with the correlations that features of real pictures have, and moved until the classifier
is sure of one to three classes (after Yin et al., Dreaming to Distill, 2020, arXiv:1912.08795, but in the
space of features, where it costs seconds). Each belongs to the ConSE vector of what the classifier sees.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from samespace.learn.align.prototypes import Prototypes

# Of ConSE, the paper's T. Measured on 401 captioned drawings and photographs (the mean reciprocal rank of a
# picture for its caption): 10 classes 0.379, all 1,000 0.353; the whole picture 0.379, its middle square 0.328;
# names and "a photo of a" names together 0.379, bare names 0.370.
BEST = 10
COUNT = 20_000
MOST_CLASSES = 3
SURE = 0.75  # of the probability lies on the wanted classes
SPREAD = 0.45  # of the spread between places: the mean over 49 places of a picture spreads less
SHRINKAGE = 0.3  # towards uncorrelated: 1,280 features from some hundred pictures
MOVES, STEP = 40, 2.0
MOST = 6.0  # the towers' activation is ReLU6


def prototypes(
    classifier: nn.Linear, last_norm: nn.BatchNorm2d, seen: Tensor, names: Tensor, seed: int
) -> Prototypes:
    """Such features, (COUNT, width), with their rows in the space of `names` (classes, dim).

    `seen` are features (n, width) of real pictures, whatever they show: correlations come from them. Half
    of the prototypes begin around the mean of photographs, half between the mean of `seen` and one
    of them; the two kinds together keep more than either.
    """
    generator = torch.Generator().manual_seed(seed)
    weight, bias = classifier.weight.detach(), classifier.bias.detach()
    mean, spread = _of_photographs(last_norm, generator)
    scaled = _shrunk(torch.corrcoef(seen.T).nan_to_num(0)) * spread[:, None] * spread[None]
    starts = [
        (_drawn_around(mean, scaled, COUNT // 2, generator), scaled),
        (_near_seen(seen, COUNT // 2, generator), _shrunk(torch.cov(seen.T))),
    ]
    parts = [
        _moved(start, _some_classes(len(start), len(weight), generator), weight, bias, covariance)
        for start, covariance in starts
    ]
    features = torch.cat(parts)
    rows = conse_rows(features @ weight.T + bias, names)
    return Prototypes(features, rows, weight, bias)


def conse_rows(logits: Tensor, names: Tensor) -> Tensor:
    """What a classifier sees, (n, classes), as unit rows of text: the rows of its best classes, weighted (ConSE).

    Norouzi et al., Zero-Shot Learning by Convex Combination of Semantic Embeddings, 2014, arXiv:1312.5650.
    """
    best, classes = logits.topk(BEST)
    shares = best.softmax(dim=1).unsqueeze(2)
    return functional.normalize((shares * names[classes]).sum(dim=1), dim=1)


def _of_photographs(norm: nn.BatchNorm2d, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Mean and spread of the activations over all places of ImageNet's photographs: (width,) each.

    A batch norm's output is spread as its own scale and shift say, whatever came in.
    """
    samples = torch.randn(4000, 1, generator=generator)
    active: Tensor = (samples * norm.weight.detach().abs() + norm.bias.detach()).clamp(0, MOST)
    return active.mean(0), active.std(0) * SPREAD


def _drawn_around(
    mean: Tensor, covariance: Tensor, count: int, generator: torch.Generator
) -> Tensor:
    root = torch.linalg.cholesky(covariance + 1e-6 * torch.eye(len(mean)))
    drawn: Tensor = mean + 0.7 * torch.randn(count, len(mean), generator=generator) @ root.T
    return drawn.clamp(min=0)


def _near_seen(seen: Tensor, count: int, generator: torch.Generator) -> Tensor:
    return (seen[torch.randint(len(seen), (count,), generator=generator)] + seen.mean(0)) / 2


def _shrunk(covariance: Tensor) -> Tensor:
    return (1 - SHRINKAGE) * covariance + SHRINKAGE * torch.diag(covariance.diag())


def _some_classes(count: int, classes: int, generator: torch.Generator) -> Tensor:
    """Shares of one to MOST_CLASSES classes for each, (count, classes), rows sum to 1."""
    wanted = torch.zeros(count, classes)
    many = torch.randint(1, MOST_CLASSES + 1, (count,), generator=generator)
    for place in range(MOST_CLASSES):
        which = torch.randint(classes, (count,), generator=generator)
        share = 0.25 + 0.5 * torch.rand(count, generator=generator) if place else torch.ones(count)
        wanted[torch.arange(count), which] += share * (many > place)
    return wanted / wanted.sum(dim=1, keepdim=True)


def _moved(
    features: Tensor, wanted: Tensor, weight: Tensor, bias: Tensor, covariance: Tensor
) -> Tensor:
    """Up the classifier's likelihood, along the covariance, until it is sure enough."""
    directions = (weight - weight.mean(0)) @ covariance
    for _ in range(MOVES):
        seen = (features @ weight.T + bias).softmax(dim=1)
        unsure: Tensor = (seen * (wanted > 0)).sum(dim=1, keepdim=True) < SURE
        features = (features + STEP * unsure * ((wanted - seen) @ directions)).clamp(0, MOST)
    return features
