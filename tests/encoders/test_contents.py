"""Contents of several modalities are encoded in one call each and come back in order."""

from collections.abc import Sequence

import numpy as np
from PIL.Image import Image

from samespace.core.content import Content, text_hash
from samespace.core.types import Modality, Space, Vectors
from samespace.encoders.contents import encode

SPACE = Space("s", "test", "none", 2, frozenset(Modality), 77, passage_prompt="passage: ")


class Counting:
    """Gives a text its length, a picture its red."""

    space = SPACE

    def __init__(self) -> None:
        self.calls: list[int] = []

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        self.calls.append(len(texts))
        return np.array([(len(text), 0) for text in texts], np.float32)

    def encode_images(self, images: Sequence[Image]) -> Vectors:
        self.calls.append(len(images))
        return np.array([(0, np.asarray(image)[0, 0, 0]) for image in images], np.float32)


def picture(red: int) -> Content:
    return Content.of_picture(text_hash(f"{red}"), np.full((4, 6, 3), red, np.uint8))


def test_order_is_kept_across_modalities() -> None:
    encoder = Counting()
    contents = [picture(7), Content.of_text("ab"), picture(9), Content.of_text("abcd")]
    rows = encode(contents, encoder)
    prompt = len("passage: ")
    assert rows.tolist() == [[0, 7], [prompt + 2, 0], [0, 9], [prompt + 4, 0]]
    assert encoder.calls == [2, 2]
    assert encode([], encoder).shape == (0, 2)
