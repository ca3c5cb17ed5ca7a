"""The encoder that made the vectors of an index, or a clear refusal."""

from dataclasses import replace
from functools import lru_cache
from typing import Protocol, TypeVar

from samespace.core.errors import FingerprintMismatch
from samespace.core.types import Space
from samespace.encoders.spaces import describe, spaces_of


class HasFingerprint(Protocol):
    """Whatever encodes and says by which weights."""

    @property
    def fingerprint(self) -> str:
        """What its vectors may be compared with."""


E_co = TypeVar("E_co", bound=HasFingerprint, covariant=True)
E = TypeVar("E", bound=HasFingerprint)


class EncoderSource(Protocol[E_co]):
    """Where encoders are had from; `samespace.encoders.load.Encoders` is one."""

    def get(self, space: Space) -> E_co:
        """The encoder of a space, loaded on first use; Unavailable."""


def open_encoder(space: Space, fingerprint: str, encoders: EncoderSource[E]) -> E:
    """The encoder of a space that is on record, if it is the one with this fingerprint; FingerprintMismatch,
    Unavailable."""
    encoder = encoders.get(described(space))
    if encoder.fingerprint != fingerprint:
        raise FingerprintMismatch(
            f"space {space.name!r} was embedded by an encoder with fingerprint {fingerprint[:12]}, "
            f"the one that is loaded has {encoder.fingerprint[:12]}"
        )
    return encoder


def described(space: Space) -> Space:
    """The space whole, where an older release wrote of a custom model only what it is called, its dimension and what it
    was used for: a model may take more than that."""
    if space.max_tokens:
        return space
    return replace(_describe_once(space.kind, space.model), modalities=space.modalities)


@lru_cache(maxsize=64)
def _describe_once(adapter: str, model: str) -> Space:
    return describe(adapter, model)


@lru_cache(maxsize=64)
def spaces_once(preset: str) -> tuple[Space, ...]:
    """What `spaces_of` answers: to describe a custom model loads it, which nobody should wait for twice."""
    return spaces_of(preset)
