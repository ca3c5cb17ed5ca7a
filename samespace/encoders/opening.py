"""The encoder that belongs to a space of a collection, or a clear refusal."""

from functools import lru_cache
from typing import Protocol, TypeVar

from samespace.core.errors import FingerprintMismatch
from samespace.core.types import Space
from samespace.encoders.presets import spaces_of


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


def open_encoder(preset: str, space_name: str, fingerprint: str, encoders: EncoderSource[E]) -> E:
    """The encoder of a preset's space, if it is the one with this fingerprint; FingerprintMismatch, Unavailable."""
    spaces = {space.name: space for space in spaces_once(preset)}
    if space_name not in spaces:
        raise FingerprintMismatch(
            f"vectors were made in space {space_name!r}, which preset {preset!r} no longer has"
        )
    encoder = encoders.get(spaces[space_name])
    if encoder.fingerprint != fingerprint:
        raise FingerprintMismatch(
            f"space {space_name!r} was embedded by an encoder with fingerprint {fingerprint[:12]}, "
            f"the one that is loaded has {encoder.fingerprint[:12]}"
        )
    return encoder


@lru_cache(maxsize=64)
def spaces_once(preset: str) -> tuple[Space, ...]:
    """What `spaces_of` answers: to describe a custom model loads it, which nobody should wait for twice."""
    return spaces_of(preset)
