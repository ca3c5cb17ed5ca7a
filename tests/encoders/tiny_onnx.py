"""Folders with ONNX models of seeded random weights, of the makes that exporters write, small enough for a moment."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

DIM = 16
SIDE = 8
WORDS = ("[PAD]", "[UNK]", "red", "blue", "car", "boat", "a", "the", "storm", "harbour")
_MEAN, _STD = [0.5, 0.4, 0.3], [0.2, 0.25, 0.5]

Array = NDArray[Any]


def colours() -> Array:
    """What a colour comes to, (3, DIM): red points one way and blue another."""
    return np.random.default_rng(1).normal(size=(3, DIM)).astype(np.float32)


def words() -> Array:
    """What a word comes to, (words, DIM); red and blue are where these colours are."""
    table = np.random.default_rng(2).normal(size=(len(WORDS), DIM)).astype(np.float32)
    for word, rgb in (("red", (255, 0, 0)), ("blue", (0, 0, 255))):
        values = (np.array(rgb) / 255 - _MEAN) / _STD
        table[WORDS.index(word)] = values.astype(np.float32) @ colours() * 3
    return table


def write_tokenizer(folder: Path) -> None:
    vocabulary = {word: number for number, word in enumerate(WORDS)}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))


def write_texts(file: Path, table: Array | None = None, batch: int | str = "n") -> None:
    """A graph of tokens to (n, tokens, dim), as exporters write sentence models; the pooling is left to who runs it."""
    ids = _input("input_ids", TensorProto.INT64, [batch, "length"])
    mask = _input("attention_mask", TensorProto.INT64, [batch, "length"])
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["last_hidden_state"]),
        helper.make_node("Identity", ["attention_mask"], ["used"]),
    ]
    outputs = {"last_hidden_state": [batch, "length", DIM]}
    _save(file, nodes, [ids, mask], outputs, {"table": words() if table is None else table})


def write_pictures(file: Path, *, channels_last: bool = False) -> None:
    """A graph of pixels to (n, dim), by their mean colour; `channels_last` as Keras and TensorFlow have them."""
    shape: list[int | str] = ["n", SIDE, SIDE, 3] if channels_last else ["n", 3, SIDE, SIDE]
    axes = np.array([1, 2] if channels_last else [2, 3], np.int64)
    nodes = [
        helper.make_node("ReduceMean", ["pixel_values", "axes"], ["mean"], keepdims=0),
        helper.make_node("MatMul", ["mean", "colours"], ["image_embeds"]),
    ]
    pixels = _input("pixel_values", TensorProto.FLOAT, shape)
    _save(file, nodes, [pixels], {"image_embeds": ["n", DIM]}, {"axes": axes, "colours": colours()})


def write_strings(file: Path) -> None:
    """A graph of strings to counts of words, as scikit-learn's vectorizers are exported."""
    count = helper.make_node(
        "TfIdfVectorizer",
        ["parts"],
        ["counts"],
        mode="TF",
        min_gram_length=1,
        max_gram_length=1,
        max_skip_count=0,
        ngram_counts=[0],
        ngram_indexes=list(range(len(WORDS))),
        pool_strings=list(WORDS),
    )
    nodes = [
        helper.make_node("Reshape", ["texts", "flat"], ["row"]),
        helper.make_node("StringSplit", ["row"], ["parts", "lengths"]),
        count,
        helper.make_node("MatMul", ["counts", "table"], ["raw"]),
        helper.make_node("Add", ["raw", "little"], ["embeddings"]),
    ]
    texts = _input("texts", TensorProto.STRING, ["n", 1])
    constants = {
        "table": words(),
        "flat": np.array([-1], np.int64),
        "little": np.full(DIM, 0.01, np.float32),
    }
    _save(file, nodes, [texts], {"embeddings": ["n", DIM]}, constants)


def write_both(folder: Path, *, channels_last: bool = False) -> Path:
    """A model of texts and pictures in one space, in two files as CLIP's are exported."""
    folder.mkdir()
    write_tokenizer(folder)
    write_texts(folder / "text_model.onnx")
    write_pictures(folder / "vision_model.onnx", channels_last=channels_last)
    write_json(
        folder / "preprocessor_config.json",
        {"size": {"height": SIDE, "width": SIDE}, "image_mean": _MEAN, "image_std": _STD},
    )
    return folder


def write_json(file: Path, content: Mapping[str, Any]) -> None:
    file.write_text(json.dumps(content))


def _input(name: str, kind: int, shape: Sequence[int | str]) -> Any:
    return helper.make_tensor_value_info(name, kind, shape)


def _save(
    file: Path,
    nodes: Sequence[Any],
    inputs: Sequence[Any],
    outputs: Mapping[str, Sequence[int | str]],
    constants: Mapping[str, Array],
) -> None:
    made = [_input(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()]
    kept = [numpy_helper.from_array(array, name) for name, array in constants.items()]
    graph = helper.make_graph(nodes, "tiny", inputs, made, kept)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    onnx.save(model, str(file))
