"""What every encoder is to the rest of the house: batches in, unit rows out."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from samespace.core.content import Content
from samespace.core.types import Space, Vectors


class Encoder(Protocol):
    """One loaded model. Methods are called from one thread at a time; order is kept."""

    @property
    def space(self) -> Space:
        """The space this encoder makes."""

    @property
    def fingerprint(self) -> str:
        """Hash over weights, preprocessing, pooling, length and prompts; never device or precision."""

    @property
    def precision(self) -> str:
        """What it computes in: float32, bfloat16 or float16."""

    @property
    def scale(self) -> float:
        """Factor from cosine to logit, the model's own where it has one."""

    @property
    def bias(self) -> float:
        """Added to the logit before a sigmoid; 0 for softmax kinds."""

    def encode(self, contents: Sequence[Content]) -> Vectors:
        """Contents, prompts already put before texts, to an (n, dim) array; Unsupported for what it takes not."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, special tokens included, uncut: more than space.max_tokens means it will be cut."""

    def tokenizer_json(self) -> str:
        """The tokenizer as Hugging Face `tokenizers` JSON, for the splitter."""


@runtime_checkable
class FitsContents(Protocol):
    """An encoder that can do some of its preprocessing in the caller's thread."""

    def fit(self, contents: Sequence[Content]) -> Sequence[Content]:
        """What was decoded, as the model sees it: encoding that gives the same vectors. Any thread may call."""


@runtime_checkable
class EncodesQueries(Protocol):
    """An encoder that encodes queries beside its batches, from any number of threads."""

    def encode_query(self, contents: Sequence[Content]) -> Vectors | None:
        """Texts to (n, dim) unit rows in the calling thread; None where they have to go into a batch."""


@runtime_checkable
class LoadsLazily(Protocol):
    """An encoder of which nothing is loaded at first, and that has something of its own to end."""

    @property
    def is_loaded(self) -> bool:
        """Whether some of it is loaded, so that what it is known by is said at once."""

    def prepare(self) -> None:
        """Load what bulk and pictures need."""

    def close(self) -> None:
        """End what it started."""
