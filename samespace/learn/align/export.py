"""An aligned tower as a model that anything can load."""

from math import log
from pathlib import Path

from samespace.encoders.folding import round_weights
from samespace.encoders.joined import Texts, write_model
from samespace.encoders.tower import PREFIX, whole_on_white
from samespace.encoders.tower import Tower as WrittenTower
from samespace.learn.align.loss import LARGEST_SCALE
from samespace.learn.align.plan import Plan
from samespace.learn.align.tower import Tower


def export(folder: Path, tower: Tower, plan: Plan, texts: Texts) -> None:
    """Write the tower, joined to the texts it was aligned with, as an open_clip model folder.

    `open_clip:local-dir:<folder>` loads it, from where it was written. The weights are rounded to what
    bfloat16 holds, as the shipped tower's are. Raises OSError or SafetensorError if the disk does not
    take it.
    """
    weights = round_weights(tower.visual).cpu().state_dict()
    written = WrittenTower(
        weights={PREFIX + name: value.contiguous() for name, value in weights.items()},
        vision_cfg=vision_cfg(plan),
        preprocess_cfg=whole_on_white(plan.side, plan.mean, plan.std),
        logit_scale=float(tower.logit_scale.detach().clamp(max=log(LARGEST_SCALE))),
        recipe="align",
    )
    write_model(folder.absolute(), written, texts)


def vision_cfg(plan: Plan) -> dict[str, object]:
    """What open_clip must know to build the tower of a plan."""
    return {
        "timm_model_name": plan.tower,
        "timm_model_pretrained": False,
        "timm_pool": "avg",
        "timm_proj": "mlp",
        "image_size": plan.side,
    }
