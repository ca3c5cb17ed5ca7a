"""Pictures and texts of a judgement to rows, a few at a time."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL.Image import Image

from samespace.core.content import Content, of_images, of_texts
from samespace.core.types import Space, Vectors

_AT_ONCE = 32
_DECODERS = 2

CountCallback = Callable[[int], None]
"""Gets how many are done."""


class Encodes(Protocol):
    """An encoder behind its batcher, or by itself."""

    @property
    def space(self) -> Space:
        """The space it makes."""

    def encode(self, contents: Sequence[Content]) -> Vectors:
        """Contents, prompts already put before texts, to (n, dim) unit rows."""


def encode_pictures(
    paths: Sequence[Path],
    encoder: Encodes,
    open_picture: Callable[[Path], Image],
    report: CountCallback,
) -> Vectors:
    """The (n, dim) rows of picture files; raises what `open_picture` and the encoder raise."""
    rows = np.empty((len(paths), encoder.space.dim), dtype=np.float32)
    with ThreadPoolExecutor(_DECODERS) as pool:
        for start in range(0, len(paths), _AT_ONCE):
            some = paths[start : start + _AT_ONCE]
            rows[start : start + len(some)] = encoder.encode(
                of_images(pool.map(open_picture, some))
            )
            report(start + len(some))
    return rows


def encode_texts(
    texts: Sequence[str], encoder: Encodes, prompt: str, report: CountCallback
) -> Vectors:
    """The (n, dim) rows of texts with the prompt put before each."""
    rows = np.empty((len(texts), encoder.space.dim), dtype=np.float32)
    for start in range(0, len(texts), _AT_ONCE):
        some = [prompt + text for text in texts[start : start + _AT_ONCE]]
        rows[start : start + len(some)] = encoder.encode(of_texts(some))
        report(start + len(some))
    return rows
