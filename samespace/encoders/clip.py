"""Texts and pictures by open_clip: CLIP, SigLIP and their kin, from a hub or a local folder."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL.Image import Image

from samespace.core.errors import Misconfigured, Unavailable
from samespace.core.types import Space, Vectors
from samespace.encoders.device import Compute
from samespace.encoders.pictures import middle_of_strip
from samespace.encoders.presets import BOTH, OPEN_CLIP
from samespace.encoders.rows import unit_rows
from samespace.encoders.tokens import TokenCounter, of_clip, of_transformers
from samespace.encoders.weights import fingerprint, quiet_transformers, sha256_of

LOCAL = "local-dir:"
HUB = "hf-hub:"


class ClipEncoder:
    """An open_clip model as an `Encoder` of texts and pictures."""

    def __init__(
        self, space: Space, model: Any, tokenizer: Any, compute: Compute, mark: str
    ) -> None:
        self.space = space
        self.fingerprint = mark
        self.precision = compute.precision
        self.scale, self.bias = _scale_and_bias(space, model)
        self._tokenizer = tokenizer
        self._counter = _counter(tokenizer)
        self._geometry, self._pixels = _preprocessing(model)
        self._compute = compute
        self._model = _cast(model, compute)

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Texts to (n, dim) unit rows; past space.max_tokens they are cut, as count_tokens tells."""
        import torch

        if not texts:
            return np.empty((0, self.space.dim), np.float32)
        tokens = self._tokenizer(list(texts), context_length=self.space.max_tokens)
        with torch.inference_mode():
            rows = self._model.encode_text(tokens.to(self._compute.device))
        return unit_rows(rows.float().cpu().numpy(), self.space.dim)

    def encode_images(self, images: Sequence[Image]) -> Vectors:
        """RGB pictures of any size to (n, dim) unit rows."""
        import torch

        if not images:
            return np.empty((0, self.space.dim), np.float32)
        pixels = torch.stack([self._pixels(self.fit_image(image)) for image in images])
        pixels = pixels.to(self._compute.device, self._compute.dtype)
        with torch.inference_mode():
            rows = self._model.encode_image(pixels.contiguous(memory_format=torch.channels_last))
        return unit_rows(rows.float().cpu().numpy(), self.space.dim)

    def fit_image(self, image: Image) -> Image:
        """The picture as the tower sees it; encoding that gives the same vector. Any thread may call."""
        fitted: Image = self._geometry(image)
        return fitted

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens included, uncut."""
        return self._counter.count([self._tokenizer.clean_fn(text) for text in texts])

    def tokenizer_json(self) -> str:
        """The tokenizer as Hugging Face `tokenizers` JSON."""
        return self._counter.to_json()


def load(space: Space, compute: Compute) -> ClipEncoder:
    """The encoder of a space named `<architecture>/<pretrained>`, `local-dir:<folder>` or `hf-hub:<name>`.

    Raises Unavailable if the model cannot be had, Misconfigured if it is not what the space says.
    """
    model, tokenizer, weights = _open(space.model)
    if (dim := _config_of(space.model)["embed_dim"]) != space.dim:
        raise Misconfigured(
            f"{space.model} makes {dim} values, space {space.name} says {space.dim}"
        )
    return ClipEncoder(space, model, tokenizer, compute, _fingerprint(space, model, weights))


def describe(name: str) -> Space:
    """The space of a custom model; its dimension, length and kind of score are the model's own."""
    model, tokenizer, _ = _open(name)
    space = Space(
        name="clip",
        kind=OPEN_CLIP,
        model=name,
        dim=_config_of(name)["embed_dim"],
        modalities=BOTH,
        max_tokens=tokenizer.context_length,
    )
    if getattr(model, "logit_bias", None) is not None:
        return replace(space, score_kind="sigmoid")
    return space


def _open(name: str) -> tuple[Any, Any, Path]:
    """The model in float32 on the CPU, its tokenizer, and the file its weights came from."""
    import open_clip

    quiet_transformers()
    architecture, pretrained = _split(name)
    try:
        weights = _weights_of(architecture, pretrained)
        model = open_clip.create_model(
            architecture, pretrained=pretrained, require_pretrained=True, weights_only=True
        )
        tokenizer = open_clip.get_tokenizer(architecture)
    except (
        Exception
    ) as error:  # a hub fails in many ways: network, offline, gone, gated, no such name
        raise Unavailable(
            f"model {name} could not be loaded ({type(error).__name__}: {error}): reach a model hub "
            "once, or use open_clip:local-dir:<folder>; preset starter needs no hub"
        ) from error
    return model.eval().requires_grad_(requires_grad=False), tokenizer, weights


def _split(name: str) -> tuple[str, str | None]:
    if name.startswith((LOCAL, HUB)):
        return name, None
    architecture, _, pretrained = name.rpartition("/")
    if not architecture:
        raise Misconfigured(f"open_clip model is {name!r}, must be <architecture>/<pretrained>")
    return architecture, pretrained


def _weights_of(architecture: str, pretrained: str | None) -> Path:
    from open_clip.factory import _find_checkpoint_in_dir
    from open_clip.pretrained import (
        download_pretrained,
        download_pretrained_from_hf,
        get_pretrained_cfg,
    )

    if architecture.startswith(LOCAL):
        found = _find_checkpoint_in_dir(Path(architecture.removeprefix(LOCAL)))
    elif architecture.startswith(HUB):
        found = download_pretrained_from_hf(architecture.removeprefix(HUB))
    else:
        found = download_pretrained(get_pretrained_cfg(architecture, pretrained))
    if not found:
        raise FileNotFoundError(f"no weights for {architecture} {pretrained or ''}")
    return Path(found)


def _fingerprint(space: Space, model: Any, weights: Path) -> str:
    return fingerprint(
        {
            "weights": sha256_of(weights),
            "architecture": _config_of(space.model),
            "preprocessing": repr(sorted(model.visual.preprocess_cfg.items())),
            "max_tokens": space.max_tokens,
            "query_prompt": space.query_prompt,
            "passage_prompt": space.passage_prompt,
        }
    )


def _config_of(name: str) -> dict[str, Any]:
    import open_clip

    config: dict[str, Any] = open_clip.get_model_config(_split(name)[0])
    return config


def _scale_and_bias(space: Space, model: Any) -> tuple[float, float]:
    bias = getattr(model, "logit_bias", None)
    own_bias = 0.0 if bias is None else float(bias)
    return (
        float(model.logit_scale.exp()) if space.scale is None else space.scale,
        own_bias if space.bias is None else space.bias,
    )


def _counter(tokenizer: Any) -> TokenCounter:
    if hasattr(tokenizer, "bpe_ranks"):
        return of_clip(tokenizer)
    return of_transformers(tokenizer.tokenizer)


def _preprocessing(model: Any) -> tuple[Any, Any]:
    """open_clip's own transforms, parted into geometry (pictures to pictures) and the making of pixels."""
    from open_clip.transform import PreprocessCfg, image_transform_v2
    from torchvision.transforms import Compose, ToTensor

    steps = image_transform_v2(
        PreprocessCfg(**model.visual.preprocess_cfg), is_train=False
    ).transforms
    cut = next(i for i, step in enumerate(steps) if isinstance(step, ToTensor))
    before = steps[:cut]
    if model.visual.preprocess_cfg["resize_mode"] == "shortest":
        before = [middle_of_strip, *before]
    return Compose(before), Compose(steps[cut:])


def _cast(model: Any, compute: Compute) -> Any:
    import torch

    return model.to(compute.device, compute.dtype, memory_format=torch.channels_last)
