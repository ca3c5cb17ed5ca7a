"""Models as ONNX, run by ONNX Runtime without torch: exports of sentence models and of CLIP, of Keras, of TensorFlow
Hub and of scikit-learn.

A folder holds `model.onnx` (or `text_model.onnx` and `vision_model.onnx`), `tokenizer.json` for texts unless the graph
takes strings, `preprocessor_config.json` for pictures, and perhaps `samespace.json` (`onnx_folder.About`).
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from samespace.core.content import Content
from samespace.core.errors import Misconfigured, Unavailable
from samespace.core.settings import Settings
from samespace.core.types import IMAGE, TEXT, Modality, Space, Vectors
from samespace.encoders.contents import Way, encode_by, texts_of
from samespace.encoders.device import Compute, threads_of
from samespace.encoders.exported import open_session, require_runtime
from samespace.encoders.fitting import fitting_of
from samespace.encoders.hub import having
from samespace.encoders.onnx_folder import (
    PREPROCESSOR,
    TOKENIZER,
    about,
    hashes,
    model_files,
    read_json,
)
from samespace.encoders.onnx_graph import Array, Graph, pooled
from samespace.encoders.presets import ONNX
from samespace.encoders.rows import unit_rows
from samespace.encoders.tokens import TokenCounter
from samespace.encoders.trial import sample
from samespace.encoders.weights import fingerprint

LIBRARY = "ONNX Runtime"
_PIXELS = "pixel_values"
_UNKNOWN = "[UNK]"
_IDS = ("input_ids", "ids", "input_word_ids")
_MASKS = ("attention_mask", "mask", "input_mask")
_OTHERS = ("token_type_ids", "input_type_ids", "segment_ids")


class OnnxEncoder:
    """A folder as an `Encoder`; computes as finely as its file does."""

    precision = "float32"
    bias = 0.0

    def __init__(self, space: Space, folder: Path, threads: int) -> None:
        self.space = space
        self.fingerprint = _fingerprint(space, folder)
        said = about(folder)
        self.scale = said.scale if space.scale is None else space.scale
        self._pooling = said.pooling or "mean"
        self._graphs = _graphs(folder, threads)
        self._fitting = fitting_of(read_json(folder / PREPROCESSOR))
        self._tokenizer = _tokenizer(folder, space.max_tokens, self._graphs.get(TEXT))
        self._counter = TokenCounter(self._tokenizer.to_str())
        self._ways: Mapping[Modality, Way] = dict.fromkeys(self._graphs, self._rows)

    @property
    def modalities(self) -> frozenset[Modality]:
        """What the folder has graphs for."""
        return frozenset(self._graphs)

    def encode(self, contents: Sequence[Content]) -> Vectors:
        """Texts and pictures of any size to (n, dim) unit rows."""
        return encode_by(self._ways, contents, self.space)

    def encode_query(self, contents: Sequence[Content]) -> Vectors:
        """The same of texts; any number of threads may call."""
        return self.encode(contents)

    def fit(self, contents: Sequence[Content]) -> list[Content]:
        """The pictures as the model sees them; encoding that gives the same vectors."""
        return [each.with_decoded(self._fitting.fit(each.image)) for each in contents]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens included, uncut."""
        return self._counter.count(texts)

    def tokenizer_json(self) -> str:
        """The tokenizer as Hugging Face `tokenizers` JSON."""
        return self._counter.to_json()

    def raw(self, contents: Sequence[Content]) -> Array:
        """What the model makes of contents of one modality, (n, values), before anything is checked."""
        is_text = contents[0].modality == TEXT
        graph = self._graphs[contents[0].modality]
        made = self._of_texts if is_text else self._of_pictures
        return np.concatenate([made(some, graph) for some in _parts(contents, graph.at_once)])

    def _rows(self, contents: Sequence[Content]) -> Vectors:
        return unit_rows(self.raw(contents), self.space.dim)

    def _of_texts(self, contents: Sequence[Content], graph: Graph) -> Array:
        texts = texts_of(contents)
        if graph.takes_strings:
            strings = np.array(texts, np.object_).reshape(
                -1, *[1] * (len(graph.inputs[0].shape) - 1)
            )
            return pooled(graph.run({graph.inputs[0].name: strings}, {}), None, self._pooling)
        tokens = self._tokenizer.encode_batch(texts)
        ids, mask = (
            np.array([each.ids for each in tokens]),
            np.array([t.attention_mask for t in tokens]),
        )
        given = {**dict.fromkeys(_IDS, ids), **dict.fromkeys(_MASKS, mask)}
        given |= {**dict.fromkeys(_OTHERS, np.zeros_like(ids))}
        given["position_ids"] = np.broadcast_to(np.arange(ids.shape[1]), ids.shape)
        width, height = self._fitting.side
        return pooled(graph.run(given, {_PIXELS: (1, 3, height, width)}), mask, self._pooling)

    def _of_pictures(self, contents: Sequence[Content], graph: Graph) -> Array:
        values = np.stack(
            [self._fitting.values(self._fitting.fit(each.image)) for each in contents]
        )
        pixels = next((each for each in graph.inputs if len(each.shape) == 4), None)
        if pixels is None:
            raise Misconfigured("the model has no input of four dimensions for pictures")
        is_last = pixels.shape[3] == 3
        given = {pixels.name: values if is_last else values.transpose(0, 3, 1, 2)}
        ones = dict.fromkeys((*_IDS, *_MASKS, *_OTHERS), (1, 2))
        return pooled(graph.run(given, ones), None, self._pooling)


def describe(model: str) -> Space:
    """The space of a folder: what it has graphs for, and the dimension of what they make unless it says one."""
    folder = Path(model)
    files = model_files(folder)
    said = about(folder)
    space = Space(
        name="onnx",
        kind=ONNX,
        model=model,
        dim=said.dim or 1,
        modalities=frozenset(files),
        max_tokens=said.max_tokens or 1,
        query_prompt=said.query_prompt or "",
        passage_prompt=said.passage_prompt or "",
        scale=said.scale,
    )
    encoder = _opened(space, 1)
    return replace(space, dim=said.dim or dim_of(encoder), modalities=encoder.modalities)


def open_model(space: Space, compute: Compute, settings: Settings) -> OnnxEncoder:  # noqa: ARG001
    """The encoder of a space, on the CPU; Unavailable, Misconfigured."""
    return _opened(space, threads_of(settings))


def export_key(space: Space) -> object:  # noqa: ARG001
    """None: it is one already."""
    return None


def is_here(space: Space, cached: Set[str]) -> bool:  # noqa: ARG001
    """Whether the folder is there."""
    return Path(space.model).is_dir()


def folder_of(model: str) -> Path | None:
    """The folder, which is what the name is."""
    return Path(model)


def dim_of(encoder: OnnxEncoder) -> int:
    """How many values a vector has, by trying."""
    modality = TEXT if TEXT in encoder.modalities else IMAGE
    with having(encoder.space.model, LIBRARY):
        return int(encoder.raw([sample(modality)]).shape[1])


def _opened(space: Space, threads: int) -> OnnxEncoder:
    require_runtime()
    with having(space.model, LIBRARY):
        return OnnxEncoder(space, Path(space.model), threads)


def _graphs(folder: Path, threads: int) -> dict[Modality, Graph]:
    """The graph of each modality that the folder has the files to prepare."""
    files = model_files(folder)
    sessions = {file: open_session(file, threads) for file in sorted({*files.values()})}
    outputs = about(folder).outputs
    graphs = {
        kind: Graph(file, sessions[file], kind, outputs.get(kind)) for kind, file in files.items()
    }
    has_words = (folder / TOKENIZER).is_file() or (TEXT in graphs and graphs[TEXT].takes_strings)
    prepared = {TEXT: has_words, IMAGE: (folder / PREPROCESSOR).is_file()}
    ready = {kind: graph for kind, graph in graphs.items() if prepared[kind]}
    if not ready:
        raise Unavailable(f"{folder} has neither {TOKENIZER} nor {PREPROCESSOR} beside its model")
    return ready


def _tokenizer(folder: Path, max_tokens: int, graph: Graph | None) -> Tokenizer:
    """The tokenizer that cuts and pads; one of words where the graph takes strings."""
    if not (folder / TOKENIZER).is_file():
        words = Tokenizer(WordLevel({_UNKNOWN: 0}, unk_token=_UNKNOWN))
        words.pre_tokenizer = Whitespace()
        return words
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    length = graph.length if graph else None
    tokenizer.enable_truncation(min(max_tokens, length or max_tokens))
    known = tokenizer.padding or {}
    tokenizer.enable_padding(**{**_padding(tokenizer), **known, "length": length})
    return tokenizer


def _padding(tokenizer: Tokenizer) -> dict[str, Any]:
    for token in ("[PAD]", "<pad>", "<|endoftext|>"):
        if (number := tokenizer.token_to_id(token)) is not None:
            return {"pad_id": number, "pad_token": token}
    return {}


def _parts(contents: Sequence[Content], at_once: int | None) -> Iterator[Sequence[Content]]:
    """All of them, or as many at a time as the graph takes."""
    if at_once not in {None, 1}:
        raise Misconfigured(
            f"the model takes exactly {at_once} items at a time; export it with a free batch size"
        )
    step = at_once or len(contents)
    return (contents[start : start + step] for start in range(0, len(contents), step))


def _fingerprint(space: Space, folder: Path) -> str:
    return fingerprint(
        {
            "files": hashes(folder),
            "max_tokens": space.max_tokens,
            "query_prompt": space.query_prompt,
            "passage_prompt": space.passage_prompt,
        }
    )
