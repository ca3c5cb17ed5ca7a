"""What a folder with an ONNX model says about it: files of JSON that exporters write, and one of our own."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from samespace.core.errors import Misconfigured, Unavailable
from samespace.core.types import IMAGE, TEXT, Modality
from samespace.encoders.presets import SENTENCE_SCALE
from samespace.encoders.weights import PICKLED, hashes_of

OWN = "samespace.json"
TOKENIZER = "tokenizer.json"
PREPROCESSOR = "preprocessor_config.json"
# For each modality the files it may be in, its own before one that has both; as exporters call them.
_MODELS = {TEXT: ("text_model.onnx", "model.onnx"), IMAGE: ("vision_model.onnx", "model.onnx")}
_PLACES = ("", "onnx/")
# What decides the vectors.
_FILES = ("*.onnx*", "onnx/*.onnx*", OWN, TOKENIZER, PREPROCESSOR, "1_Pooling/config.json")
_PROMPTS = "config_sentence_transformers.json"
_LONGEST = 1024
_USUAL = 256

Pooling = Literal["mean", "cls", "last", "none"]


class About(BaseModel):
    """`samespace.json`: what no other file of the folder says, or what is said better here.

    `pooling` makes one vector of those of all tokens, `outputs` name what of the graph is taken for each modality.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    dim: int | None = Field(None, ge=1, le=16_384)
    max_tokens: int | None = Field(None, ge=8, le=_LONGEST)
    pooling: Pooling | None = None
    query_prompt: str | None = None
    passage_prompt: str | None = None
    scale: float = Field(SENTENCE_SCALE, gt=0)
    outputs: dict[str, str] = {}


def about(folder: Path) -> About:
    """What is said of the model, gaps filled from what sentence-transformers writes; Misconfigured."""
    try:
        own = About.model_validate(read_json(folder / OWN))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise Misconfigured(f"{folder / OWN}: {where}: {first['msg']}") from error
    prompts = read_json(folder / _PROMPTS).get("prompts", {})
    told = {
        "pooling": own.pooling or _pooling(folder),
        "query_prompt": _first(own.query_prompt, prompts.get("query"), ""),
        "passage_prompt": _first(own.passage_prompt, prompts.get("document"), ""),
        "max_tokens": own.max_tokens or _length(folder),
    }
    return own.model_copy(update=told)


def model_files(folder: Path) -> dict[Modality, Path]:
    """The graph of each modality that the folder may have one for; Unavailable where there is none, naming weights in
    a form that may hold code."""
    if not folder.is_dir():
        raise Unavailable(f"{folder} is not a folder with a model")
    found = {kind: file for kind in _MODELS for file in _candidates(folder, kind)[:1]}
    if not found:
        raise Unavailable(_lacks(folder))
    return found


def hashes(folder: Path) -> dict[str, str]:
    """SHA-256 by name of what decides the vectors."""
    return hashes_of(folder, _FILES)


def read_json(file: Path) -> dict[str, Any]:
    """The object in a file, empty where there is no such file; Misconfigured."""
    try:
        read = json.loads(file.read_text()) if file.is_file() else {}
    except ValueError as error:
        raise Misconfigured(f"{file} is no JSON") from error
    if not isinstance(read, dict):
        raise Misconfigured(f"{file} is no JSON object")
    return read


def _candidates(folder: Path, modality: Modality) -> list[Path]:
    files = (folder / place / name for name in _MODELS[modality] for place in _PLACES)
    return [file for file in files if file.is_file()]


def _lacks(folder: Path) -> str:
    for file in _pickles(folder):
        return (
            f"{file} may hold code that runs as it is read, and is not: export the model to ONNX "
            "(model.onnx beside tokenizer.json or preprocessor_config.json)"
        )
    return f"{folder} holds no model.onnx, text_model.onnx or vision_model.onnx"


def _pickles(folder: Path) -> Iterator[Path]:
    return (file for file in sorted(folder.glob("*")) if file.suffix in PICKLED)


def _pooling(folder: Path) -> Pooling:
    config = read_json(folder / "1_Pooling" / "config.json")
    if config.get("pooling_mode_cls_token") or config.get("pooling_mode") == "cls":
        return "cls"
    if config.get("pooling_mode_lasttoken") or config.get("pooling_mode") == "lasttoken":
        return "last"
    return "mean"


def _length(folder: Path) -> int:
    """Tokens that it reads: what its tokenizer cuts to."""
    cut = (read_json(folder / TOKENIZER).get("truncation") or {}).get("max_length")
    most = read_json(folder / "tokenizer_config.json").get("model_max_length")
    own = read_json(folder / "sentence_bert_config.json").get("max_seq_length")
    told = next((each for each in (own, cut, most) if isinstance(each, int) and each > 0), _USUAL)
    return min(told, _LONGEST)


def _first(*texts: str | None) -> str:
    return next(text for text in texts if text is not None)
