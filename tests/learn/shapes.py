"""Coloured shapes with captions, and a text encoder for them that needs no weights."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from samespace.core.content import Content
from samespace.core.types import TEXT, Space, Vectors
from samespace.learn.pairs import Pair

COLOURS = {
    "red": "#e11",
    "green": "#2b2",
    "blue": "#22e",
    "yellow": "#ee1",
    "cyan": "#1ee",
    "magenta": "#e1e",
    "orange": "#f80",
    "black": "#111",
}
SHAPES = ("circle", "square", "bar")
SIDE = 32
DIM = 32


class Words:
    """Texts as unit rows: the sum of a fixed random vector for each word."""

    fingerprint = "words"
    precision = "float32"
    scale = 20.0
    bias = 0.0

    def __init__(self, dim: int = DIM) -> None:
        self.space = Space("words", "words", "words", dim, frozenset({TEXT}), 64)

    def encode(self, contents: Sequence[Content]) -> Vectors:
        """Texts to (n, dim)."""
        words = [each.text.lower().split() for each in contents]
        rows = np.stack([sum(map(self._row, each)) for each in words])
        made: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
        return made

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Words."""
        return [len(text.split()) for text in texts]

    def tokenizer_json(self) -> str:
        """It has no tokenizer."""
        raise NotImplementedError

    def _row(self, word: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
        return np.random.default_rng(seed).standard_normal(self.space.dim)


def draw_pairs(folder: Path, *, train: int, validation: int) -> list[Pair]:
    """So many drawings of each shape in each colour for each split, on transparent ground."""
    return [*_pairs(folder, "train", train), *_pairs(folder, "validation", validation)]


def _pairs(folder: Path, split: str, count: int) -> Iterator[Pair]:
    chance = np.random.default_rng(len(split))
    for colour in COLOURS:
        for shape in SHAPES:
            for number in range(count):
                path = folder / f"{split}-{colour}-{shape}-{number}.png"
                _drawn(colour, shape, chance).save(path)
                captions = (f"a {colour} {shape}", f"{shape} in {colour}")
                yield Pair(path, captions, f"{colour} {shape}", split=split)


def _drawn(colour: str, shape: str, chance: np.random.Generator) -> Image.Image:
    picture = Image.new("RGBA", (SIDE, SIDE))
    left, top = chance.integers(1, 10, size=2).tolist()
    size = int(chance.integers(14, 21))
    pen = ImageDraw.Draw(picture)
    if shape == "circle":
        pen.ellipse((left, top, left + size, top + size), fill=COLOURS[colour])
    else:
        height = size if shape == "square" else size // 4
        pen.rectangle((left, top, left + size, top + height), fill=COLOURS[colour])
    return picture
