"""Light models of different makes, and a worker that does what waits in this process."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL.Image import Image

from samespace.core.settings import Settings
from samespace.core.types import Space, Vectors
from samespace.encoders.batcher import BatchedEncoder
from tests.fuzz.light import LightEncoder, LightEncoders


@dataclass(frozen=True)
class NamedEncoder(LightEncoder):
    """A light encoder whose vectors and fingerprint are those of its model."""

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.space.model.encode()).hexdigest()

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        if any("poison" in text and self.space.model != "builtin:starter" for text in texts):
            return np.full((len(texts), self.space.dim), np.nan, np.float32)
        return self._drawn([f"{self.space.model} {text}".encode() for text in texts])

    def encode_images(self, images: Sequence[Image]) -> Vectors:
        return self._drawn([self.space.model.encode() + image.tobytes() for image in images])


class NamedEncoders(LightEncoders):
    """Of them, one for every space; `loads` counts what was loaded, `encoded` what was encoded."""

    def __init__(self) -> None:
        super().__init__()
        self._settings = Settings()

    def load(self, space: Space) -> BatchedEncoder:
        return BatchedEncoder(NamedEncoder(space), 32)
