"""Texts by sentence-transformers, and pictures where a model takes both into one space."""

import json
from collections.abc import Sequence, Set
from pathlib import Path
from typing import TYPE_CHECKING, Any

from samespace.core.content import Content
from samespace.core.errors import Misconfigured, Unavailable
from samespace.core.settings import Settings
from samespace.core.types import IMAGE, TEXT, Space, Vectors
from samespace.encoders.contents import encode_by, texts_of
from samespace.encoders.device import Compute
from samespace.encoders.hub import having, named
from samespace.encoders.pictures import middle_of_strip
from samespace.encoders.presets import SENTENCE_SCALE, SENTENCES, TEXTS
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
# Of a model that takes more than texts, besides: how pictures are prepared, and what is put around contents.
PROCESSOR_FILES = (
    "preprocessor_config.json",
    "*/preprocessor_config.json",
    "processor_config.json",
    "*/processor_config.json",
    "*/sentence_bert_config.json",
    "*/tokenizer.json",
    "config_sentence_transformers.json",
    "chat_template.*",
    "*/chat_template.*",
)
FETCHED = (*MODEL_FILES, *PROCESSOR_FILES, "*.json", "*/*.json", "merges.txt", "*/merges.txt")

# A custom model may read far more; passages longer than this blur and cost memory by their square.
LONGEST = 1024


class SentenceEncoder:
    """A sentence-transformers model as an `Encoder` of what its space takes."""

    bias = 0.0

    def __init__(self, space: Space, model: Any, compute: Compute, fingerprint: str) -> None:
        self.space = space
        self.fingerprint = fingerprint
        self.precision = compute.precision
        self.scale = SENTENCE_SCALE if space.scale is None else space.scale
        self._model = model
        # Prompts are the space's, put before texts by the caller; but what a model puts around pictures is its own.
        self._prompt = "" if space.modalities == TEXTS else None
        self._counter = of_transformers(model.tokenizer)

    def encode(self, contents: Sequence[Content]) -> Vectors:
        """Contents to (n, dim) unit rows, those of each modality in one forward pass."""
        return encode_by({TEXT: self._texts, IMAGE: self._pictures}, contents, self.space)

    def _texts(self, contents: Sequence[Content]) -> Vectors:
        return self._rows(texts_of(contents))

    def _pictures(self, contents: Sequence[Content]) -> Vectors:
        return self._rows([middle_of_strip(each.image) for each in contents])

    def _rows(self, inputs: Sequence[Any]) -> Vectors:
        rows = self._model.encode(
            inputs,
            prompt=self._prompt,
            batch_size=len(inputs),
            show_progress_bar=False,
            convert_to_tensor=True,
        )
        return unit_rows(rows.float().cpu().numpy(), self.space.dim)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens included, uncut."""
        return self._counter.count(texts)

    def tokenizer_json(self) -> str:
        """The tokenizer as Hugging Face `tokenizers` JSON."""
        return self._counter.to_json()

    def text_tower(self) -> "TextTower | None":
        """The model for export; None where texts and pictures go through the same modules."""
        if self.space.modalities != TEXTS:
            return None
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
    """The space of a custom model; what it takes, its dimension and its length are the model's own."""
    model = _open(name, _folder_of(name, None), Compute("cpu", "float32"))
    takes = frozenset(each for each in (TEXT, IMAGE) if model.supports(each))
    return Space(
        name="text" if takes == TEXTS else "multimodal",
        kind=SENTENCES,
        model=name,
        dim=_dim_of(model),
        modalities=takes,
        max_tokens=min(model.get_max_seq_length() or LONGEST, LONGEST),
        query_prompt=_prompt(model, "query", "Retrieval-query", "SearchQuery"),
        passage_prompt=_prompt(model, "document", "passage", "Retrieval-document", "Document"),
        scale=_scale_of(model),
    )


def open_model(space: Space, compute: Compute, settings: Settings) -> SentenceEncoder:  # noqa: ARG001
    """The encoder of a space; raises what `load` raises."""
    return load(space, compute)


def export_key(space: Space) -> object:
    """What tells a model of texts by its files; None where it takes pictures too."""
    return fingerprint_of(space) if space.modalities == TEXTS else None


def is_here(space: Space, cached: Set[str]) -> bool:
    """Whether the model is in the hub's cache, or a folder."""
    return space.model in cached or Path(space.model).is_dir()


def folder_of(model: str) -> Path | None:
    """The folder of a model whose name is a path, and none of a hub."""
    return Path(model) if model.startswith(("/", "./", "../")) else None


def _prompt(model: Any, *names: str) -> str:
    """The first of these prompts that a model has."""
    return next((model.prompts[name] for name in names if model.prompts.get(name)), "")


def _scale_of(model: Any) -> float:
    """The factor from cosine to logit that a model of the CLIP kind has learnt; that of sentence models for others."""
    learnt = (each for name, each in model.named_parameters() if name.endswith("logit_scale"))
    own = next(learnt, None)
    return SENTENCE_SCALE if own is None else float(own.detach().exp())


def _dim_of(model: Any) -> int:
    dim = model.get_embedding_dimension()
    return int(dim) if dim else int(model.encode(["a"]).shape[1])


def fingerprint_of(space: Space, folder: Path | None = None) -> str:
    """The fingerprint of a space's encoder, from its files alone; Unavailable if they cannot be had."""
    folder = folder or _folder_of(space.model, space.revision)
    own = MODEL_FILES if space.modalities == TEXTS else (*MODEL_FILES, *PROCESSOR_FILES)
    return fingerprint(
        {
            "files": hashes_of(folder, own),
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
