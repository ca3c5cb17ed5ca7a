"""Vectors in OpenAI's shape."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from samespace.core.wire import MOST_INPUTS, Model, Text, Word, Words


class EmbeddingsBody(Model):
    """Texts, and as an extension pictures (base64), to vectors; `model` is a preset, a space or preset/space."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"input": ["a red car"]}]})

    model: Word | None = None
    input: Words | Annotated[list[Words], Field(max_length=MOST_INPUTS, fail_fast=True)] = []
    images: Annotated[list[Text], Field(max_length=MOST_INPUTS, fail_fast=True)] = []
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = None
    user: Word | None = None


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
