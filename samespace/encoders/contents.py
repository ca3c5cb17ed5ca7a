"""Contents of any modality to their rows: which call of an encoder each goes through."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import numpy as np
from PIL.Image import Image

from samespace.core.content import Content
from samespace.core.types import Modality, Space, Vectors


class TakesContents(Protocol):
    """An encoder behind its batcher."""

    @property
    def space(self) -> Space:
        """The space it makes."""

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """Texts, prompts already put before them, to (n, dim)."""

    def encode_images(self, images: Sequence[Image]) -> Vectors:
        """RGB pictures to (n, dim)."""


Way = Callable[[Sequence[Content], TakesContents], Vectors]


def encode(contents: Sequence[Content], encoder: TakesContents) -> Vectors:
    """Unit rows of what is to be found, in order, shape (len(contents), dim); one call for each modality."""
    rows = np.empty((len(contents), encoder.space.dim), np.float32)
    for modality, way in WAYS.items():
        at = [place for place, each in enumerate(contents) if each.modality is modality]
        if at:
            rows[at] = way([contents[place] for place in at], encoder)
    return rows


def as_passage(text: str, space: Space) -> str:
    """The text as the encoder of this space wants to see passages."""
    return f"{space.passage_prompt}{text}"


def _texts(contents: Sequence[Content], encoder: TakesContents) -> Vectors:
    return encoder.encode_texts([as_passage(each.text, encoder.space) for each in contents])


def _pictures(contents: Sequence[Content], encoder: TakesContents) -> Vectors:
    return encoder.encode_images([each.image for each in contents])


WAYS: Mapping[Modality, Way] = {Modality.TEXT: _texts, Modality.IMAGE: _pictures}
