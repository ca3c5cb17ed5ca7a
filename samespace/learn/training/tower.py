"""A picture tower that learns: a timm trunk and a projection, named as open_clip names them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from samespace.core.errors import InvalidRequest


@dataclass(frozen=True, slots=True)
class Architecture:
    """What a tower is built of: timm's `name`, the pixels it takes, and what of it is trained.

    `mean` and `std` are those of its pixels, from 0 to 1. `frozen_stages` of it stay as they are (0: all of
    it is trained). `scale` is the first factor from cosine to logit; `seed` draws the projection.
    """

    name: str
    side: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    frozen_stages: int
    dropout: float
    scale: float
    seed: int


class Tower(nn.Module):
    """Pixels to maps (frozen), maps to features (tuned), features to unit rows (new).

    `visual` is open_clip's own module, so its state dict is that of an open_clip model's `visual`.
    Batch norms keep the statistics they were trained with: a batch of drawings on two cores is too
    small and too odd to make better ones.
    """

    def __init__(self, architecture: Architecture, dim: int) -> None:
        super().__init__()
        self.architecture = architecture
        self.visual: Any = _visual(architecture, dim)
        self.logit_scale = nn.Parameter(torch.tensor(architecture.scale).log())
        self._frozen = architecture.frozen_stages if _has_stages(self.visual.trunk) else 0
        for name in ("mean", "std"):
            value = torch.tensor(getattr(architecture, name))[:, None, None]
            self.register_buffer(name, value, persistent=False)

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self.get_buffer("mean").device

    def lower(self, pixels: Tensor) -> Tensor:
        """Pixels (n, 3, side, side) from 0 to 1 to what the trained part takes."""
        mean, std = self.get_buffer("mean"), self.get_buffer("std")
        normal = ((pixels.to(self.device) - mean) / std).contiguous(
            memory_format=torch.channels_last
        )
        if not self._frozen:
            return normal
        trunk = self.visual.trunk
        maps: Tensor = trunk.bn1(trunk.conv_stem(normal))
        for stage in trunk.blocks[: self._frozen]:
            maps = stage(maps)
        return maps

    def features(self, maps: Tensor) -> Tensor:
        """What `lower` gave, to features (n, width)."""
        trunk = self.visual.trunk
        if not self._frozen:
            whole: Tensor = trunk(maps)
            return whole
        for stage in trunk.blocks[self._frozen :]:
            maps = stage(maps)
        pooled: Tensor = trunk.global_pool(trunk.bn2(trunk.conv_head(maps)))
        return pooled

    def rows(self, features: Tensor) -> Tensor:
        """Features (n, width) to unit rows (n, dim)."""
        return functional.normalize(self.visual.head(features), dim=1)

    def parameter_groups(
        self, *, tower_rate: float, head_rate: float, weight_decay: float
    ) -> list[dict[str, Any]]:
        """What is trained, in groups with the learning rate of each; the rest is frozen by this call."""
        self.requires_grad_(requires_grad=False)
        tuned = [p for part in self._tuned() for p in part.parameters()]
        head, scale = list(self.visual.head.parameters()), [self.logit_scale]
        for parameter in (*tuned, *head, *scale):
            parameter.requires_grad_(requires_grad=True)
        return [
            {"params": tuned, "lr": tower_rate, "weight_decay": 0.0},
            {"params": head, "lr": head_rate, "weight_decay": weight_decay},
            {"params": scale, "lr": head_rate, "weight_decay": 0.0},
        ]

    def _tuned(self) -> list[nn.Module]:
        trunk = self.visual.trunk
        if not self._frozen:
            return [trunk]
        return [trunk.blocks[self._frozen :], trunk.conv_head, trunk.bn2]


def start_from(tower: Tower, weights: Mapping[str, Tensor], name: str) -> None:
    """Put known weights into a tower: a trunk's own names, or open_clip's (`trunk.`, `head.`).

    Raises InvalidRequest where they are those of another architecture or dimension, naming the first
    that does not fit. A projection that the weights lack stays as it was drawn.
    """
    own = tower.visual.state_dict()
    named = weights if any(key.startswith("trunk.") for key in weights) else _as_trunk(weights)
    for key, value in own.items():
        if key not in named and not key.startswith("head."):
            raise InvalidRequest(f"{name} has no {key}: it is another architecture")
        if key in named and named[key].shape != value.shape:
            raise InvalidRequest(
                f"{name} has {key} of shape {tuple(named[key].shape)}, this tower {tuple(value.shape)}"
            )
    if unknown := sorted(set(named) - set(own)):
        raise InvalidRequest(f"{name} has {unknown[0]}, which this tower lacks")
    tower.visual.load_state_dict({**own, **named})


def _as_trunk(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    named = {f"trunk.{key}": value for key, value in weights.items()}
    return {key: value for key, value in named.items() if not key.startswith("trunk.classifier.")}


def _visual(wanted: Architecture, dim: int) -> Any:
    from open_clip.timm_model import TimmModel

    torch.manual_seed(wanted.seed)  # the projection is drawn at random
    made = TimmModel(
        wanted.name, dim, image_size=wanted.side, pool="avg", proj="mlp", drop=wanted.dropout
    )
    return made.eval().to(memory_format=torch.channels_last)


def _has_stages(trunk: nn.Module) -> bool:
    """Whether the trunk is built as timm builds EfficientNets, so that it can be cut between stages."""
    return all(hasattr(trunk, name) for name in ("conv_stem", "bn1", "blocks", "conv_head", "bn2"))
