"""A picture tower as a file: half precision, with what open_clip must know to build it, and a pin."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from samespace.core.errors import Unavailable
from samespace.encoders.weights import check_sha256, sha256_of

if TYPE_CHECKING:
    import torch

PREFIX = "visual."
# One entry of the file's metadata: safetensors writes several in any order, and equal towers are to be
# equal bytes.
ABOUT = "tower"


@dataclass(frozen=True)
class Tower:
    """Weights by open_clip's names (`visual.*`), its `vision_cfg` and `preprocess_cfg`, the natural
    logarithm of the factor from cosine to logit (its `logit_scale`), and which recipe made it."""

    weights: Mapping[str, "torch.Tensor"]
    vision_cfg: Mapping[str, Any]
    preprocess_cfg: Mapping[str, Any]
    logit_scale: float
    recipe: str


def write_tower(path: Path, tower: Tower) -> str:
    """Write a tower and its pin beside it; the file's SHA-256.

    Kernels and matrices become float16, which holds weights that were rounded (`round_weights`) exactly;
    norms and biases stay float32.
    """
    from safetensors.torch import save_file

    about = {
        "vision_cfg": dict(tower.vision_cfg),
        "preprocess_cfg": dict(tower.preprocess_cfg),
        "logit_scale": tower.logit_scale,
        "recipe": tower.recipe,
    }
    metadata = {ABOUT: json.dumps(about, sort_keys=True)}
    save_file({name: _halved(tensor) for name, tensor in tower.weights.items()}, path, metadata)
    pin = sha256_of(path)
    pin_of(path).write_text(f"{pin}  {path.name}\n")
    return pin


def whole_on_white(side: int, mean: Sequence[float], std: Sequence[float]) -> dict[str, Any]:
    """open_clip's `preprocess_cfg` for the whole picture scaled to fit a white square of `side` pixels,
    as `samespace.encoders.pictures.whole_on_white`; `mean` and `std` of values from 0 to 1."""
    return {
        "size": side,
        "mean": list(mean),
        "std": list(std),
        "interpolation": "bicubic",
        "resize_mode": "longest",
        "fill_color": 255,
    }


def read_tower(path: Path) -> Tower:
    """The tower in a file; raises Unavailable if it is missing or not the one that was pinned."""
    from safetensors import safe_open

    check_sha256(path, read_pin(path))
    with safe_open(path, "pt") as file:
        about = json.loads(file.metadata()[ABOUT])
        weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    return Tower(weights=weights, **about)


def read_pin(path: Path) -> str:
    """The SHA-256 that a tower's file must have; raises Unavailable if it or its pin is missing."""
    for file in (path, pin_of(path)):
        if not file.is_file():
            raise Unavailable(f"{file} is missing: reinstall samespace")
    return pin_of(path).read_text().split()[0]


def pin_of(path: Path) -> Path:
    """Where the SHA-256 of a tower's file is kept, in the format of `sha256sum`."""
    return path.with_suffix(".sha256")


def _halved(tensor: "torch.Tensor") -> "torch.Tensor":
    return (tensor.half() if tensor.ndim > 1 else tensor).cpu().contiguous()
