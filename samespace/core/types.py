"""The frozen types that travel between the parts. Words are those of docs/architecture.md."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NewType

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""Rows of unit length, shape (n, dim), float32."""

Metadata = Mapping[str, Any]

PACKED = "packed:"
"""What the source of a model begins with whose files are blobs; the hash of their manifest follows."""


Modality = NewType("Modality", str)
"""What kind of thing a vector stands for, by name; `samespace.core.modalities` has a row for each."""

TEXT = Modality("text")
IMAGE = Modality("image")


class State(StrEnum):
    """How far a document or a job has got. The record row is the truth."""

    QUEUED = "queued"
    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DELETING = "deleting"

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens without a person's hand."""
        return self in {State.READY, State.FAILED, State.CANCELLED}


@dataclass(frozen=True, slots=True)
class Place:
    """Where in its document an item stands; `start`/`end` count characters of the extracted text of
    the page (of the whole document where there are no pages); pages count from 1."""

    page: int | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """What a vector stands for: a passage of a document's text, or one picture."""

    key: str
    document_id: str
    modality: Modality
    position: int
    content_hash: str
    text: str = ""
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the index beside its vector: an item, the generation it was written by, its metadata.

    The document's `name` and when it was `added` (seconds since the epoch) are written for filters and not read back.
    """

    item: Item
    generation: int
    media_type: str
    metadata: Metadata = field(default_factory=dict)
    name: str = field(default="", compare=False)
    added: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Scored:
    """What a ranking needs of a row: its key, its document and the generation it was written by; and its cosine to the
    query, -1 to 1."""

    key: str
    document_id: str
    generation: int
    score: float


@dataclass(frozen=True, slots=True)
class Nearest:
    """What is nearest to a question, best first; `rows` are those of the first of it, as far as they came along."""

    scored: Sequence[Scored]
    rows: Sequence[Row] = ()


@dataclass(frozen=True, slots=True)
class Space:
    """An embedding space: one encoder, its dimension and the modalities it takes.

    `kind` says which adapter loads `model` (a hub name, a folder, or `builtin:...`).
    `query_prompt` and `passage_prompt` are put before texts, as models of the E5 kind want.
    `scale` and `bias` turn a cosine into a logit: softmax(scale * cos) for CLIP kinds,
    sigmoid(scale * cos + bias) where `score_kind` is "sigmoid" (SigLIP); None: the model's own.
    """

    name: str
    kind: str
    model: str
    dim: int
    modalities: frozenset[Modality]
    max_tokens: int
    score_kind: str = "softmax"
    query_prompt: str = ""
    passage_prompt: str = ""
    scale: float | None = None
    bias: float | None = None
    revision: str | None = None
