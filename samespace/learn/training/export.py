"""A trained tower as a model that anything can load."""

from math import log
from pathlib import Path

from samespace.encoders.folding import round_weights
from samespace.encoders.joined import Texts, write_model
from samespace.encoders.tower import PREFIX, whole_on_white
from samespace.encoders.tower import Tower as StoredTower
from samespace.learn.training.losses import LARGEST_SCALE
from samespace.learn.training.tower import Tower


def export(folder: Path, tower: Tower, texts: Texts) -> None:
    """Write the tower, joined to the texts it was aligned with, as an open_clip model folder.

    `open_clip:local-dir:<folder>` loads it, from where it was written. Raises OSError or SafetensorError
    if the disk does not take it.
    """
    write_model(folder.absolute(), stored(tower, recipe="align"), texts)


def stored(tower: Tower, recipe: str) -> StoredTower:
    """The tower as it is written: its weights rounded to what bfloat16 holds, its scale as it was capped.

    Judge the tower that is read back, not the one that was trained: their vectors differ by about
    cosine 0.9995.
    """
    wanted = tower.architecture
    weights = round_weights(tower.visual).cpu().state_dict()
    return StoredTower(
        weights={PREFIX + name: value.contiguous() for name, value in weights.items()},
        vision_cfg={
            "timm_model_name": wanted.name,
            "timm_model_pretrained": False,
            "timm_pool": "avg",
            "timm_proj": "mlp",
            "image_size": wanted.side,
        },
        preprocess_cfg=whole_on_white(wanted.side, wanted.mean, wanted.std),
        logit_scale=float(tower.logit_scale.detach().clamp(max=log(LARGEST_SCALE))),
        recipe=recipe,
    )
