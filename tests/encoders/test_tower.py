"""Towers as files: small, pinned, and the same in bfloat16 as in float32."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import timm
import torch
from torch import nn

from samespace.core.errors import Unavailable
from samespace.encoders.folding import fold_norms, round_weights
from samespace.encoders.tower import (
    PREFIX,
    Tower,
    read_pin,
    read_tower,
    whole_on_white,
    write_tower,
)

ABOUT: dict[str, Any] = {
    "vision_cfg": {"timm_model_name": "tiny"},
    "preprocess_cfg": whole_on_white(64, mean=[0.5] * 3, std=[0.25] * 3),
    "logit_scale": 3.25,
    "recipe": "test",
}


class Visual(nn.Module):
    """As open_clip holds a timm tower: a trunk and a head."""

    def __init__(self, name: str) -> None:
        super().__init__()
        torch.manual_seed(0)
        trunk: Any = timm.create_model(name, num_classes=0)
        self.trunk = trunk
        self.head = nn.Linear(trunk.num_features, 16)
        norms: list[Any] = [each for each in self.modules() if isinstance(each, nn.BatchNorm2d)]
        for norm in norms:
            nn.init.uniform_(norm.running_mean, -0.2, 0.2)
            nn.init.uniform_(norm.running_var, 0.5, 2)
            nn.init.uniform_(norm.weight, 0.5, 2)
            nn.init.uniform_(norm.bias, -0.2, 0.5)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        made: torch.Tensor = self.head(self.trunk(pixels))
        return made


@pytest.fixture(scope="module")
def visual() -> Visual:
    return Visual("tf_efficientnet_lite0").eval().requires_grad_(requires_grad=False)


@pytest.fixture(scope="module")
def pixels() -> torch.Tensor:
    return torch.randn(4, 3, 64, 64, generator=torch.Generator().manual_seed(0))


def cosines(ours: torch.Tensor, theirs: torch.Tensor) -> torch.Tensor:
    return nn.functional.cosine_similarity(ours.float(), theirs.float(), dim=1)


def test_folding_changes_nothing_but_the_number_of_layers(
    visual: Visual, pixels: torch.Tensor
) -> None:
    before = visual.trunk(pixels)
    folded = Visual("tf_efficientnet_lite0").eval().requires_grad_(requires_grad=False)
    fold_norms(folded.trunk)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in folded.modules())
    np.testing.assert_allclose(folded.trunk(pixels), before, atol=2e-3)


def test_a_tower_of_another_kind_is_not_folded() -> None:
    network = timm.create_model("resnet18").eval()
    fold_norms(network)
    assert isinstance(network.bn1, nn.BatchNorm2d)


def test_rounded_weights_are_what_bfloat16_holds(visual: Visual, pixels: torch.Tensor) -> None:
    exact = round_weights(visual)
    assert cosines(exact(pixels), visual(pixels)).min() > 0.95
    for tower in (exact, half := round_weights(visual)):
        fold_norms(tower.trunk)
    half.bfloat16()
    assert all(map(torch.equal, exact.parameters(), (p.float() for p in half.parameters())))


def stored(visual: Visual) -> Tower:
    weights = round_weights(visual).state_dict()
    return Tower(weights={PREFIX + name: value for name, value in weights.items()}, **ABOUT)


def test_a_tower_comes_back_as_it_was_written(
    visual: Visual, pixels: torch.Tensor, tmp_path: Path
) -> None:
    pin = write_tower(tmp_path / "tower.safetensors", stored(visual))
    tower = read_tower(tmp_path / "tower.safetensors")
    assert read_pin(tmp_path / "tower.safetensors") == pin
    assert (tmp_path / "tower.sha256").read_text() == f"{pin}  tower.safetensors\n"
    assert {name: getattr(tower, name) for name in ABOUT} == ABOUT
    again = Visual("tf_efficientnet_lite0").eval()
    again.load_state_dict({k.removeprefix("visual."): v for k, v in tower.weights.items()})
    np.testing.assert_allclose(
        again(pixels).detach(), round_weights(visual)(pixels), rtol=1e-4, atol=1e-5
    )


def test_equal_towers_are_equal_bytes(visual: Visual, tmp_path: Path) -> None:
    files = [tmp_path / "a.safetensors", tmp_path / "b.safetensors"]
    assert len({write_tower(file, stored(visual)) for file in files}) == 1


def test_a_file_without_its_pin_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tower.safetensors").touch()
    with pytest.raises(Unavailable, match=r"tower\.sha256"):
        read_tower(tmp_path / "tower.safetensors")
