"""Encoders that cost nothing, behind the real batcher: a vector is drawn by the content it stands for."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from samespace.core.content import Content
from samespace.core.settings import Settings
from samespace.core.types import Space, Vectors
from samespace.encoders.batcher import BatchedEncoder
from samespace.encoders.load import Encoders


@dataclass(frozen=True)
class LightEncoder:
    """Equal contents get equal vectors, different ones point anywhere."""

    space: Space
    precision: str = "float32"
    scale: float = 20.0
    bias: float = 0.0

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.space.name.encode()).hexdigest()

    def encode(self, contents: Sequence[Content]) -> Vectors:
        return self._drawn(
            [
                each.text.encode() if each.decoded is None else each.decoded.tobytes()
                for each in contents
            ]
        )

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) + 2 for text in texts]

    def tokenizer_json(self) -> str:
        tokenizer = Tokenizer(WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
        tokenizer.pre_tokenizer = Whitespace()
        return str(tokenizer.to_str())

    def _drawn(self, contents: Sequence[bytes]) -> Vectors:
        rows = np.empty((len(contents), self.space.dim), np.float32)
        for row, content in zip(rows, contents, strict=True):
            seed = int.from_bytes(hashlib.sha256(content).digest()[:8], "big")
            drawn = np.random.default_rng(seed).normal(size=self.space.dim)
            row[:] = drawn / np.linalg.norm(drawn)
        return rows


class LightEncoders(Encoders):
    """A light encoder for every space, whatever its preset."""

    def __init__(self) -> None:
        super().__init__(Settings())

    def load(self, space: Space) -> BatchedEncoder:
        return BatchedEncoder(LightEncoder(space), 32)
