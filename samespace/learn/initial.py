"""What a tower begins with: the shipped starter, an ImageNet classifier, or a file of weights."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

import torch
from torch import Tensor

from samespace.core.errors import InvalidRequest
from samespace.encoders.starter import DIM, TOWER_FILE
from samespace.encoders.tower import PREFIX, read_tower
from samespace.learn import imagenet
from samespace.learn.align.plan import Plan
from samespace.learn.align.prototypes import Prototypes
from samespace.learn.training.checkpoint import read_safetensors
from samespace.learn.training.tower import Tower, start_from

STARTER, IMAGENET = "starter", "imagenet"


@dataclass(frozen=True)
class InitialTower:
    """A tower with its weights, the plan with the pixels it takes, and what keeps it what it knew."""

    tower: Tower
    plan: Plan
    prototypes_of: Callable[[Tensor], Prototypes] | None = None


def initial_tower(start: str, plan: Plan) -> InitialTower:
    """The tower of a plan with the weights of `starter`, of `imagenet`, or of a safetensors file.

    A file has the names of timm, of open_clip's `visual`, or of a whole open_clip model. Raises
    InvalidRequest where timm has no such tower, where it cannot be used, and where the weights are of
    another architecture or dimension; Unavailable where those of a name are not installed.
    """
    _refuse_unknown(plan.tower)
    if start == STARTER:
        return _starter(plan)
    if start == IMAGENET:
        return _imagenet(plan)
    return _of_file(Path(start), plan)


def _starter(plan: Plan) -> InitialTower:
    shipped = read_tower(TOWER_FILE)
    _refuse_other(STARTER, shipped.vision_cfg["timm_model_name"], plan)
    pixels = shipped.preprocess_cfg
    plan = replace(plan, side=pixels["size"], mean=tuple(pixels["mean"]), std=tuple(pixels["std"]))
    tower = _built(plan)
    start_from(tower, _of_visual(shipped.weights), STARTER)
    with torch.no_grad():
        tower.logit_scale.fill_(shipped.logit_scale)
    return InitialTower(tower, plan)


def _imagenet(plan: Plan) -> InitialTower:
    _refuse_other(IMAGENET, imagenet.ARCHITECTURE, plan)
    plan = imagenet.with_its_pixels(plan)
    tower, prototypes_of = imagenet.pretrained(plan)
    return InitialTower(tower, plan, prototypes_of)


def _of_file(file: Path, plan: Plan) -> InitialTower:
    import timm

    weights, _ = read_safetensors(file)
    pixels = timm.get_pretrained_cfg(plan.tower)
    if pixels is not None:
        plan = replace(plan, side=pixels.input_size[-1], mean=pixels.mean, std=pixels.std)
    tower = _built(plan)
    start_from(tower, _of_visual(weights), str(file))
    return InitialTower(tower, plan)


def _built(plan: Plan) -> Tower:
    try:
        return Tower(plan.architecture, DIM)
    except Exception as error:  # towers that do not fit fail in as many ways as there are towers
        raise InvalidRequest(f"tower {plan.tower} cannot be used: {error}") from error


def _of_visual(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The picture tower's part, by the names of open_clip's `visual`; timm's own names stay."""
    if not any(name.startswith(PREFIX) for name in weights):
        return dict(weights)
    return {
        name.removeprefix(PREFIX): value
        for name, value in weights.items()
        if name.startswith(PREFIX)
    }


def _refuse_unknown(name: str) -> None:
    import timm

    if not timm.is_model(name):
        near = get_close_matches(name, timm.list_models(), 3)
        said = f"; near are {', '.join(near)}" if near else ""
        raise InvalidRequest(f"timm has no tower {name!r}{said}")


def _refuse_other(start: str, tower: str, plan: Plan) -> None:
    if plan.tower != tower:
        raise InvalidRequest(
            f"start {start} is a {tower}, not a {plan.tower}: name a safetensors file of that tower"
        )
