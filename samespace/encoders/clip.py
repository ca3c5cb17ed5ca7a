"""Texts and pictures by open_clip: CLIP, SigLIP and their kin, from a hub or a local folder."""

import json
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL.Image import Image

from samespace.core.content import Content
from samespace.core.errors import InvalidRequest, Misconfigured, Unavailable
from samespace.core.settings import Settings
from samespace.core.types import IMAGE, TEXT, Modality, Space, Vectors
from samespace.encoders.contents import Way, encode_by, texts_of
from samespace.encoders.device import Compute
from samespace.encoders.folding import fold_norms
from samespace.encoders.hub import having, named, require
from samespace.encoders.pictures import MAX_ASPECT, middle_of_strip
from samespace.encoders.presets import BOTH, OPEN_CLIP
from samespace.encoders.rows import unit_rows
from samespace.encoders.tokens import TokenCounter, cutting, of_clip, of_transformers
from samespace.encoders.weights import (
    check_format,
    fingerprint,
    hashes_of,
    quiet_transformers,
    sha256_of,
)

if TYPE_CHECKING:
    from samespace.encoders.text_towers import TextTower

LIBRARY = "open_clip"
LOCAL = "local-dir:"
HUB = "hf-hub:"
CONFIG = "open_clip_config.json"
# Our own part of a folder's configuration, which open_clip passes over.
OWN = "samespace"
# Where a configuration names the text tower's folder; the model's own is called `.`.
TEXT_FOLDERS = ("hf_model_name", "hf_tokenizer_name")
HERE = "."
# What of a text tower's folder decides the vectors, besides its weights.
TEXT_FILES = ("config.json", "tokenizer.json", "vocab.txt", "*.model")


class ClipEncoder:
    """An open_clip model as an `Encoder` of texts and pictures."""

    def __init__(
        self, space: Space, model: Any, tokenizer: Any, compute: Compute, fingerprint: str
    ) -> None:
        self.space = space
        self.fingerprint = fingerprint
        self.precision = compute.precision
        self.scale, self.bias = _scale_and_bias(space, model)
        self._tokenizer = tokenizer
        self._counter = _counter(tokenizer)
        self._masks_padding = _masks_padding(model, tokenizer)
        self._geometry, self._pixels = _preprocessing(model)
        self._compute = compute
        self._model = _cast(model, compute)
        self._ways: Mapping[Modality, Way] = {TEXT: self._texts, IMAGE: self._pictures}

    def encode(self, contents: Sequence[Content]) -> Vectors:
        """Texts and pictures of any size to (n, dim) unit rows; texts past space.max_tokens are cut, as count_tokens
        tells."""
        return encode_by(self._ways, contents, self.space)

    def _texts(self, contents: Sequence[Content]) -> Vectors:
        import torch

        texts = texts_of(contents)
        tokens = self._tokenizer(texts, context_length=self._length(texts))
        with torch.inference_mode():
            rows = self._model.encode_text(tokens.to(self._compute.device))
        return unit_rows(rows.float().cpu().numpy(), self.space.dim)

    def _pictures(self, contents: Sequence[Content]) -> Vectors:
        import torch

        pixels = torch.stack([self._pixels(self._fitted(each)) for each in contents])
        pixels = pixels.to(self._compute.device, self._compute.dtype)
        with torch.inference_mode():
            rows = self._model.encode_image(pixels.contiguous(memory_format=torch.channels_last))
        return unit_rows(rows.float().cpu().numpy(), self.space.dim)

    def fit(self, contents: Sequence[Content]) -> list[Content]:
        """The pictures as the tower sees them; encoding that gives the same vectors. Any thread may call."""
        return [each.with_decoded(np.asarray(self._fitted(each))) for each in contents]

    def _fitted(self, content: Content) -> Image:
        fitted: Image = self._geometry(content.image)
        return fitted

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens included, uncut."""
        return self._counter.count([self._tokenizer.clean_fn(text) for text in texts])

    def _length(self, texts: Sequence[str]) -> int:
        """Tokens to pad to: where padding is masked, a line need not cost what the longest passage may."""
        if not self._masks_padding:
            return self.space.max_tokens
        return min(self.space.max_tokens, max(self.count_tokens(texts)))

    def tokenizer_json(self) -> str:
        """The tokenizer as Hugging Face `tokenizers` JSON."""
        return self._counter.to_json()

    def text_tower(self) -> "TextTower | None":
        """The text tower for export; None where padding matters or texts are cleaned before they are parted."""
        from samespace.encoders.text_towers import ClipTextTower, TextTower

        cleans = self._tokenizer.clean_fn is not str
        if cleans or not self._masks_padding or self._tokenizer.strip_sep_token:
            return None
        return TextTower(
            ClipTextTower(self._model), cutting(self._tokenizer.tokenizer, self.space.max_tokens)
        )


def load(
    space: Space,
    compute: Compute,
    name: str | None = None,
    weights: str | None = None,
    *,
    allow_unsafe: bool = False,
) -> ClipEncoder:
    """The encoder of a space named `<architecture>/<pretrained>`, `local-dir:<folder>` or `hf-hub:<name>`.

    `name` is taken in place of the space's own; `weights` is what the fingerprint knows the weights by,
    their file's SHA-256 if not given; `allow_unsafe` takes other files than safetensors too.
    Raises Unavailable if the model cannot be had, Misconfigured if it is not what the space says.
    """
    name = name or space.model
    file = _weights_of(name, allow_unsafe=allow_unsafe)
    model, tokenizer = _open(name)
    if (dim := _config_of(name)["embed_dim"]) != space.dim:
        raise Misconfigured(f"{name} makes {dim} values, space {space.name} says {space.dim}")
    known_by = _fingerprint(space, name, model, weights or sha256_of(file))
    return ClipEncoder(space, model, tokenizer, compute, known_by)


def open_model(space: Space, compute: Compute, settings: Settings) -> ClipEncoder:
    """The encoder of a space as the settings say; raises what `load` raises."""
    return load(space, compute, allow_unsafe=settings.allow_unsafe_weights)


def export_key(space: Space) -> object:
    """What tells a model folder by its files; None where texts are cleaned before they are parted."""
    folder = folder_of(space.model)
    if folder and (folder / CONFIG).is_file() and not cleans_texts(space.model):
        return hashes_of(folder, ("*",))
    return None


def is_here(space: Space, cached: Set[str]) -> bool:
    """Whether the weights are in the hub's cache."""
    return repository_of(space.model) in cached


def folder_of(model: str) -> Path | None:
    """The folder of a model that is named as one."""
    return Path(model.removeprefix(LOCAL)) if model.startswith(LOCAL) else None


def describe(name: str) -> Space:
    """The space of a custom model; its dimension, length and kind of score are the model's own.

    Its weights are not read.
    """
    _weights_of(name, allow_unsafe=True)
    model, tokenizer = _open(name, load_weights=False)
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


def _open(name: str, *, load_weights: bool = True) -> tuple[Any, Any]:
    """The model in float32 on the CPU, and its tokenizer."""
    import open_clip

    quiet_transformers()
    architecture, pretrained = _split(name)
    with having(name, LIBRARY):
        model = open_clip.create_model(
            architecture,
            pretrained=pretrained,
            load_weights=load_weights,
            require_pretrained=load_weights,
            pretrained_image=False,
            pretrained_text=False,
            weights_only=True,
            **_texts_in_folder(name),
        )
        tokenizer = open_clip.get_tokenizer(architecture)
        if not cleans_texts(name):
            tokenizer.clean_fn = str
    return model.eval().requires_grad_(requires_grad=False), tokenizer


def _split(name: str) -> tuple[str, str | None]:
    if name.startswith((LOCAL, HUB)):
        return name, None
    architecture, _, pretrained = name.rpartition("/")
    if not architecture:
        raise InvalidRequest(
            f"open_clip model is {name!r}; it has to be <architecture>/<pretrained>, {LOCAL}<folder> or {HUB}<name>"
        )
    return architecture, pretrained


def _weights_of(name: str, *, allow_unsafe: bool) -> Path:
    """The file that open_clip reads the weights from, fetched if need be; Unavailable as `check_format`."""
    require(name, repository_of(name))
    with having(name, LIBRARY):
        found = _checkpoint_of(*_split(name))
    if not found and name.startswith(LOCAL):
        raise Unavailable(f"{named(name)}: there is no such folder, or it holds no weights")
    if not found:
        raise Unavailable(
            f"{LIBRARY} knows no model {name}; it lists architectures with their weights"
        )
    return check_format(Path(found), allow_unsafe=allow_unsafe)


def repository_of(name: str) -> str:
    """Where a model hub has it; empty for a folder, and for what open_clip has from elsewhere."""
    if name.startswith(LOCAL):
        return ""
    if name.startswith(HUB):
        return name.removeprefix(HUB)
    from open_clip.pretrained import get_pretrained_cfg

    known = get_pretrained_cfg(*_split(name)) or {}
    return str(known.get("hf_hub", "")).strip("/")


def _checkpoint_of(architecture: str, pretrained: str | None) -> str | None:
    from open_clip.factory import _find_checkpoint_in_dir
    from open_clip.pretrained import (
        download_pretrained,
        download_pretrained_from_hf,
        get_pretrained_cfg,
    )

    found: str | None
    if architecture.startswith(LOCAL):
        found = _find_checkpoint_in_dir(Path(architecture.removeprefix(LOCAL)))
    elif architecture.startswith(HUB):
        found = download_pretrained_from_hf(architecture.removeprefix(HUB))
    else:
        found = download_pretrained(get_pretrained_cfg(architecture, pretrained))
    return found


def _fingerprint(space: Space, name: str, model: Any, weights: str) -> str:
    return fingerprint(
        {
            "weights": weights,
            "architecture": _architecture(name),
            "preprocessing": repr(sorted(model.visual.preprocess_cfg.items())),
            "max_tokens": space.max_tokens,
            "query_prompt": space.query_prompt,
            "passage_prompt": space.passage_prompt,
        }
    )


def _architecture(name: str) -> dict[str, Any]:
    """The configuration, with folders named in it replaced by what they hold: a model may move."""
    config = _config_of(name)
    if not cleans_texts(name):
        config["clean_texts"] = False
    text = config["text_cfg"]
    for key in TEXT_FOLDERS:
        if text.get(key) and Path(text[key]).is_dir():
            text[key] = hashes_of(Path(text[key]), TEXT_FILES)
    return config


def _config_of(name: str) -> dict[str, Any]:
    import open_clip

    config: dict[str, Any] = open_clip.get_model_config(_split(name)[0])
    if name.startswith(LOCAL):
        name_texts(config["text_cfg"], Path(name.removeprefix(LOCAL)))
    return config


def name_texts(text: dict[str, Any], folder: Path) -> None:
    """In the part of a configuration about texts, let their configuration be looked for in this folder, the model's
    own, where it says so (`.`), or names a folder that is gone: that of a model that was moved."""
    for key in TEXT_FOLDERS:
        named = text.get(key)
        is_gone = named is not None and Path(named).is_absolute() and not Path(named).is_dir()
        if named == HERE or (is_gone and (folder / "config.json").is_file()):
            text[key] = str(folder)


def _texts_in_folder(name: str) -> dict[str, Any]:
    """What open_clip is told in place of its own reading of a folder, which takes `.` for where this process runs."""
    if not name.startswith(LOCAL):
        return {}
    text = _config_of(name)["text_cfg"]
    return {"text_cfg": {**text, "hf_model_pretrained": False}} if "hf_model_name" in text else {}


def cleans_texts(name: str) -> bool:
    """Whether texts get open_clip's cleaning (mojibake, entities, curly quotes), as its models were trained.

    A sentence model was trained without; the folder of a tower beside one says so.
    """
    if not name.startswith(LOCAL):
        return True
    config = json.loads((Path(name.removeprefix(LOCAL)) / CONFIG).read_text())
    return bool(config.get(OWN, {}).get("clean_texts", True))


def _masks_padding(model: Any, tokenizer: Any) -> bool:
    """Whether how far texts are padded makes no difference: not so for open_clip's own text towers."""
    from open_clip.hf_model import HFTextEncoder

    tower = getattr(model, "text", None)
    if not isinstance(tower, HFTextEncoder) or tokenizer.tokenizer_mode:
        return False
    return bool(tower.config.pad_token_id == tokenizer.tokenizer.pad_token_id)


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
    before = [*_cut_of_strips(model.visual.preprocess_cfg), *steps[:cut]]
    return Compose(before), Compose(steps[cut:])


def _cut_of_strips(config: Mapping[str, Any]) -> Iterator[Any]:
    """The step before those of open_clip: no strip is blown up along its long side, or scaled to nothing."""
    most = {"shortest": MAX_ASPECT, "longest": int(np.min(config["size"]))}
    if config["resize_mode"] in most:
        yield partial(middle_of_strip, most=most[config["resize_mode"]])


def _cast(model: Any, compute: Compute) -> Any:
    import torch

    fold_norms(getattr(model.visual, "trunk", None))
    return model.to(compute.device, compute.dtype, memory_format=torch.channels_last)
