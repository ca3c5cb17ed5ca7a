"""The encoders of a collection's spaces, as searching needs them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from PIL.Image import Image

from samespace.core.errors import FingerprintMismatch
from samespace.core.types import Space, Vectors
from samespace.encoders.presets import spaces_of
from samespace.store.records import Collection, SpaceRecord


class SpaceEncoder(Protocol):
    """A loaded encoder behind its batcher."""

    @property
    def space(self) -> Space:
        """The space it makes."""

    @property
    def fingerprint(self) -> str:
        """What its vectors may be compared with."""

    @property
    def scale(self) -> float:
        """Factor from cosine to logit."""

    @property
    def bias(self) -> float:
        """Added to the logit before a sigmoid."""

    def encode_texts(self, texts: Sequence[str], *, interactive: bool = ...) -> Vectors:
        """Texts, prompts already put before them, to (n, dim)."""

    def encode_images(self, images: Sequence[Image], *, interactive: bool = ...) -> Vectors:
        """RGB pictures to (n, dim)."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, uncut."""


class SpaceEncoders(Protocol):
    """Where encoders are had from; `samespace.encoders.load.Encoders` is one."""

    def get(self, space: Space) -> SpaceEncoder:
        """The encoder of a space, loaded on first use; Unavailable."""


@dataclass(frozen=True, slots=True)
class OpenSpace:
    """A space of a collection with the encoder its vectors came from."""

    record: SpaceRecord
    encoder: SpaceEncoder


def open_space(record: SpaceRecord, collection: Collection, encoders: SpaceEncoders) -> OpenSpace:
    """The encoder of this space; FingerprintMismatch if it is not the one the vectors came from, Unavailable."""
    spaces = {space.name: space for space in _spaces_of(collection.preset)}
    if record.name not in spaces:
        raise FingerprintMismatch(
            f"collection {collection.name!r} was embedded in space {record.name!r}, "
            f"which preset {collection.preset!r} no longer has"
        )
    encoder = encoders.get(spaces[record.name])
    if encoder.fingerprint != record.fingerprint:
        raise FingerprintMismatch(
            f"space {record.name!r} of collection {collection.name!r} was embedded by an encoder with "
            f"fingerprint {record.fingerprint[:12]}, the one that is loaded has {encoder.fingerprint[:12]}"
        )
    return OpenSpace(record, encoder)


# Describing a custom model loads it, which no query can wait for twice.
_spaces_of = lru_cache(maxsize=64)(spaces_of)
