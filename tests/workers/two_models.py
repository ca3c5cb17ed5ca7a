"""Light models of different makes, and a worker that does what waits in this process."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from samespace.core.content import Content
from samespace.core.types import Space, Vectors
from samespace.encoders.batcher import BatchedEncoder
from samespace.encoders.presets import BUILTIN, QWEN3
from tests.fuzz.light import LightEncoder, LightEncoders

BROKEN = QWEN3.model


@dataclass(frozen=True)
class NamedEncoder(LightEncoder):
    """A light encoder whose vectors and fingerprint are those of its model; but for the starter, each makes nothing of
    texts with poison in them, and BROKEN of none."""

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.space.model.encode()).hexdigest()

    def encode(self, contents: Sequence[Content]) -> Vectors:
        rows = self._drawn(
            [
                f"{self.space.model} {each.text}".encode()
                if each.decoded is None
                else self.space.model.encode() + each.decoded.tobytes()
                for each in contents
            ]
        )
        if self.space.kind != BUILTIN:
            rows[["poison" in each.text for each in contents]] = np.nan
        if self.space.model == BROKEN:
            rows[:] = np.nan
        return rows


class NamedEncoders(LightEncoders):
    """One of them for every space."""

    def load(self, space: Space) -> BatchedEncoder:
        return BatchedEncoder(NamedEncoder(space), 32)
