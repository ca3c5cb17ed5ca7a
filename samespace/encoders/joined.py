"""A sentence model and a picture tower trained into its space, as one open_clip model folder."""

import json
import shutil
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from samespace.encoders import clip
from samespace.encoders.tower import Tower
from samespace.encoders.written import write_folder

if TYPE_CHECKING:
    import torch

TEXT_WEIGHTS = "model.safetensors"
WEIGHTS = "open_clip_model.safetensors"


@dataclass(frozen=True)
class Texts:
    """A BERT of sentence-transformers: its folder, the files that make it up, the dimension of its
    vectors, and the tokens it reads."""

    folder: Path
    files: tuple[str, ...]
    dim: int
    length: int


def pooling(length: int) -> dict[str, Any]:
    """What open_clip is told of the texts: sentence-transformers' mean over the tokens, no projection."""
    return {"hf_pooler_type": "mean_pooler", "hf_proj_type": None, "context_length": length}


def write_model(folder: Path, tower: Tower, texts: Texts) -> None:
    """Write the folder that `open_clip:local-dir:<folder>` loads, or replace it; it must stay at its place.

    The texts' vectors are sentence-transformers' own. Raises OSError or SafetensorError if the disk does
    not take it.
    """
    write_folder(folder, partial(_fill, home=folder, tower=tower, texts=texts))


def _fill(made: Path, home: Path, tower: Tower, texts: Texts) -> None:
    from safetensors.torch import save_file

    for name in texts.files:
        if name != TEXT_WEIGHTS:
            shutil.copyfile(texts.folder / name, made / name)
    (made / clip.CONFIG).write_text(json.dumps(_config(home, tower, texts), indent=1))
    save_file(_weights(tower, texts), made / WEIGHTS)


def _config(home: Path, tower: Tower, texts: Texts) -> dict[str, Any]:
    """open_clip's configuration; it looks for the texts' own config.json where the folder will be."""
    names = {"hf_model_name": str(home), "hf_tokenizer_name": str(home)}
    return {
        "model_cfg": {
            "embed_dim": texts.dim,
            "vision_cfg": dict(tower.vision_cfg),
            "text_cfg": {**names, **pooling(texts.length)},
        },
        "preprocess_cfg": dict(tower.preprocess_cfg),
        clip.OWN: {"clean_texts": False},
    }


def _weights(tower: Tower, texts: Texts) -> dict[str, "torch.Tensor"]:
    """Both towers by open_clip's names; BERT's own pooler, which a mean does not use, stays behind."""
    import torch
    from safetensors.torch import load_file

    bert = {
        f"text.transformer.{name}": tensor
        for name, tensor in load_file(texts.folder / TEXT_WEIGHTS).items()
        if not name.startswith("pooler.") and name != "embeddings.position_ids"
    }
    return {**bert, **tower.weights, "logit_scale": torch.tensor(tower.logit_scale)}
