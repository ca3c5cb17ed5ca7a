"""Texts by sentence-transformers."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL.Image import Image

from samespace.core.errors import Misconfigured, Unavailable, Unsupported
from samespace.core.types import Space, Vectors
from samespace.encoders.device import Compute
from samespace.encoders.hub import having, named
from samespace.encoders.presets import SENTENCE_SCALE, SENTENCES, TEXT
from samespace.encoders.rows import unit_rows
from samespace.encoders.tokens import cutting, of_transformers
from samespace.encoders.weights import (
    check_formats,
    fingerprint,
    hashes_of,
    quiet_transformers,
)

if TYPE_CHECKING:
    from samespace.encoders.text_towers import TextTower

LIBRARY = "sentence-transformers"
# What decides the vectors. Pickled weights are neither fetched nor loaded.
MODEL_FILES = (
    "*.safetensors",
    "*/*.safetensors",
    "config.json",
    "*/config.json",
    "modules.json",
    "sentence_bert_config.json",
    "tokenizer.json",
    "*.model",
    "vocab.txt",
)
FETCHED = (*MODEL_FILES, "*.json", "merges.txt")

# A custom model may read far more; passages longer than this blur and cost memory by their square.
LONGEST = 1024


class SentenceEncoder:
    """A sentence-transformers model as an `Encoder` of texts."""

    bias = 0.0

    def __init__(self, space: Space, model: Any, compute: Compute, fingerprint: str) -> None:
        self.space = space
        self.fingerprint = fingerprint
        self.precision = compute.precision
        self.scale = SENTENCE_SCALE if space.scale is None else space.scale
        self._model = model
        self._counter = of_transformers(model.tokenizer)

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Texts to (n, dim) unit rows, in one forward pass."""
        rows = self._model.encode(
            list(texts),
            prompt="",  # prompts are the space's, put before the texts by the caller
            batch_size=max(1, len(texts)),
            show_progress_bar=False,
            convert_to_tensor=True,
        )
        return unit_rows(rows.float().cpu().numpy(), self.space.dim)

    def encode_images(self, images: Sequence[Image]) -> Vectors:  # noqa: ARG002
        """Raises Unsupported: these models take texts."""
        raise Unsupported(f"space {self.space.name} ({self.space.model}) takes no pictures")

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens included, uncut."""
        return self._counter.count(texts)

    def tokenizer_json(self) -> str:
        """The tokenizer as Hugging Face `tokenizers` JSON."""
        return self._counter.to_json()

    def text_tower(self) -> "TextTower":
        """The model for export."""
        from samespace.encoders.text_towers import SentenceTextTower, TextTower

        return TextTower(
            SentenceTextTower(self._model), cutting(self._model.tokenizer, self.space.max_tokens)
        )


def load(space: Space, compute: Compute, folder: Path | None = None) -> SentenceEncoder:
    """The encoder of a space, from the given folder, the folder it names, or a hub.

    Raises Unavailable if the model cannot be had, Misconfigured if it is not what the space says.
    """
    folder = folder or _folder_of(space.model, space.revision)
    model = _open(space.model, folder, compute)
    model.max_seq_length = space.max_tokens
    if (dim := _dim_of(model)) != space.dim:
        raise Misconfigured(
            f"{space.model} makes {dim} values, space {space.name} says {space.dim}"
        )
    return SentenceEncoder(space, model, compute, fingerprint_of(space, folder))


def describe(name: str) -> Space:
    """The space of a custom model; its dimension and length are the model's own."""
    model = _open(name, _folder_of(name, None), Compute("cpu", "float32"))
    return Space(
        name="text",
        kind=SENTENCES,
        model=name,
        dim=_dim_of(model),
        modalities=TEXT,
        max_tokens=min(model.get_max_seq_length() or LONGEST, LONGEST),
        query_prompt=model.prompts.get("query") or "",
        passage_prompt=model.prompts.get("document") or model.prompts.get("passage") or "",
        scale=SENTENCE_SCALE,
    )


def _dim_of(model: Any) -> int:
    return int(model.get_embedding_dimension())


def fingerprint_of(space: Space, folder: Path | None = None) -> str:
    """The fingerprint of a space's encoder, from its files alone; Unavailable if they cannot be had."""
    folder = folder or _folder_of(space.model, space.revision)
    return fingerprint(
        {
            "files": hashes_of(folder, MODEL_FILES),
            "max_tokens": space.max_tokens,
            "query_prompt": space.query_prompt,
            "passage_prompt": space.passage_prompt,
        }
    )


def _open(name: str, folder: Path, compute: Compute) -> Any:
    from sentence_transformers import SentenceTransformer

    quiet_transformers()
    check_formats(folder)
    with having(name, LIBRARY):
        _check_modules(name, folder)
        model = SentenceTransformer(
            str(folder),
            device=compute.device,
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"dtype": compute.dtype, "use_safetensors": True},
        )
    return model.eval()


def _check_modules(name: str, folder: Path) -> None:
    """Unavailable for a model that brings code of its own: it is not run, whoever it is from."""
    file = folder / "modules.json"
    if not file.is_file():
        return
    for module in json.loads(file.read_text()):
        if not module["type"].startswith("sentence_transformers."):
            raise Unavailable(
                f"{named(name)} needs code that it brings along ({module['type']}), and that is not run"
            )


def _folder_of(model: str, revision: str | None) -> Path:
    if Path(model).is_dir():
        return Path(model)
    from huggingface_hub import snapshot_download

    with having(model, LIBRARY):
        return Path(snapshot_download(model, revision=revision, allow_patterns=list(FETCHED)))
