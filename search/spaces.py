"""The encoders of a collection's spaces, as searching needs them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from samespace.core.content import Content
from samespace.core.types import Space, Vectors
from samespace.encoders.opening import EncoderSource, HasFingerprint, open_encoder
from samespace.store.records import IndexRecord


class SpaceEncoder(HasFingerprint, Protocol):
    """A loaded encoder behind its batcher."""

    @property
    def space(self) -> Space:
        """The space it makes."""

    @property
    def scale(self) -> float:
        """Factor from cosine to logit."""

    @property
    def bias(self) -> float:
        """Added to the logit before a sigmoid."""

    def encode(self, contents: Sequence[Content], *, interactive: bool = ...) -> Vectors:
        """Contents, prompts already put before texts, to (n, dim)."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, uncut."""


SpaceEncoders: TypeAlias = EncoderSource[SpaceEncoder]


@dataclass(frozen=True, slots=True)
class OpenSpace:
    """An index of vectors with the encoder they came from."""

    record: IndexRecord
    encoder: SpaceEncoder


def open_space(record: IndexRecord, encoders: SpaceEncoders) -> OpenSpace:
    """The encoder of this index; FingerprintMismatch if it is not the one the vectors came from, Unavailable."""
    return OpenSpace(record, open_encoder(record.space, record.fingerprint, encoders))
