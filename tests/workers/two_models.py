"""Light models of different makes, and a worker that does what waits in this process."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL.Image import Image

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

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        rows = self._drawn([f"{self.space.model} {text}".encode() for text in texts])
        if self.space.kind != BUILTIN:
            rows[["poison" in text for text in texts]] = np.nan
        if self.space.model == BROKEN:
            rows[:] = np.nan
        return rows

    def encode_images(self, images: Sequence[Image]) -> Vectors:
        return self._drawn([self.space.model.encode() + image.tobytes() for image in images])


class NamedEncoders(LightEncoders):
    """One of them for every space."""

    def load(self, space: Space) -> BatchedEncoder:
        return BatchedEncoder(NamedEncoder(space), 32)
