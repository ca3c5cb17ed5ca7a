"""What a tower may begin with."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from samespace.core.errors import InvalidRequest
from samespace.encoders.starter import DIM
from samespace.learn.align.plan import Plan
from samespace.learn.initial import initial_tower
from samespace.learn.training.tower import Tower

TINY = Plan(tower="test_efficientnet", side=64, seed=5)


def test_the_shipped_tower_is_a_beginning() -> None:
    started = initial_tower("starter", Plan(side=64))
    assert started.plan.side == 224
    assert started.prototypes_of is None
    assert not torch.equal(
        started.tower.visual.head.mlp.fc2.weight,
        Tower(Plan().architecture, DIM).visual.head.mlp.fc2.weight,
    )


def test_imagenet_is_a_beginning_that_is_kept() -> None:
    started = initial_tower("imagenet", Plan())
    assert started.plan.mean == (127 / 255,) * 3
    assert started.prototypes_of is not None
    assert not torch.equal(
        started.tower.visual.trunk.conv_stem.weight,
        Tower(Plan().architecture, DIM).visual.trunk.conv_stem.weight,
    )


def test_a_whole_model_gives_its_picture_tower(tmp_path: Path) -> None:
    visual = Tower(TINY.architecture, DIM).visual.state_dict()
    whole = {f"visual.{name}": value.contiguous() for name, value in visual.items()}
    whole |= {"text.transformer.x": torch.zeros(2), "logit_scale": torch.tensor(3.0)}
    save_file(whole, tmp_path / "whole.safetensors")

    tower = initial_tower(str(tmp_path / "whole.safetensors"), Plan(tower=TINY.tower)).tower

    assert all(
        torch.equal(value, visual[name]) for name, value in tower.visual.state_dict().items()
    )


def test_a_tower_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    save_file({"x": torch.zeros(1)}, tmp_path / "x.safetensors")
    with pytest.raises(
        InvalidRequest, match=r"test_mambaout cannot be used|x.safetensors has no trunk\."
    ):
        initial_tower(str(tmp_path / "x.safetensors"), Plan(tower="test_mambaout"))
