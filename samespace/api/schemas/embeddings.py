"""Vectors in OpenAI's shape, and the presets that make them."""

from typing import Literal

from pydantic import ConfigDict

from samespace.api.schemas.base import Model, Text
from samespace.api.schemas.collections import SpaceView


class EmbeddingsBody(Model):
    """Texts, and as an extension pictures (base64), to vectors; `model` is a preset, a space or preset/space."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"input": ["a red car"]}]})

    model: Text | None = None
    input: Text | list[Text] = []
    images: list[Text] = []
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = None
    user: str | None = None


class EmbeddingView(Model):
    """One vector: numbers, or the base64 of little-endian float32."""

    object: Literal["embedding"]
    index: int
    embedding: list[float] | str


class Usage(Model):
    """Tokens that were read."""

    prompt_tokens: int
    total_tokens: int


class Embeddings(Model):
    """Vectors in OpenAI's shape: texts first, then pictures."""

    object: Literal["list"]
    data: list[EmbeddingView]
    model: str
    usage: Usage


class PresetView(Model):
    """A preset and its spaces, and what it is good for.

    `is_here`: its weights are on this machine; others are fetched from a model hub on first use.
    """

    name: str
    about: str
    is_default: bool
    is_here: bool
    spaces: list[SpaceView]


class PresetList(Model):
    """The presets by name."""

    presets: list[PresetView]
