"""What can be embedded, on its way from a file to an encoder."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Self

import numpy as np
from PIL.Image import Image, fromarray

from samespace.core.modalities import MODALITIES, row_of
from samespace.core.modality import Decoded
from samespace.core.types import IMAGE, TEXT, Modality, Place

_SHA256 = re.compile("[0-9a-f]{64}")

_NOWHERE = Place()


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """A text, or something decoded; or, while `decoded` is None, what is still to be read where it stands.

    `content_hash` is what its vector is cached under; a text that is still to be cut, or is a question, has none.
    """

    modality: Modality
    content_hash: str = ""
    text: str = ""
    decoded: Decoded | None = None
    place: Place = _NOWHERE

    def __post_init__(self) -> None:
        """ValueError unless it is one: contents come from processes that are not trusted."""
        row = MODALITIES.get(self.modality)
        if row is None:
            raise ValueError(f"modality {self.modality[:80]!r} is not known")
        if row.check is None:
            return
        if not _SHA256.fullmatch(self.content_hash):
            raise ValueError(f"content hash {self.content_hash[:80]!r} is no SHA-256")
        if self.decoded is not None:
            row.check(self.decoded)

    @classmethod
    def of_text(cls, text: str, page: int | None = None) -> Self:
        """The text of a document, or of one of its pages (counted from 1), which is still to be cut; or a question."""
        return cls(TEXT, text=text, place=_NOWHERE if page is None else Place(page))

    @classmethod
    def of_picture(
        cls, content_hash: str, rgb: Decoded | None = None, page: int | None = None
    ) -> Self:
        """A picture under its hash, decoded or still to be read."""
        return cls(IMAGE, content_hash, decoded=rgb, place=Place(page))

    @property
    def page(self) -> int | None:
        """The page that it stands on."""
        return self.place.page

    @property
    def is_there(self) -> bool:
        """Whether it is a text or decoded, and has not to be read first."""
        return self.decoded is not None or not row_of(self.modality).is_decoded

    @property
    def pixels(self) -> Decoded:
        """What it was decoded to; ValueError where it has still to be read."""
        if self.decoded is None:
            raise ValueError("it has still to be read")
        return self.decoded

    @property
    def image(self) -> Image:
        """A picture as PIL knows it, of the same pixels."""
        return fromarray(self.pixels)

    def with_decoded(self, decoded: Decoded | None) -> Self:
        """The same, read; or, with None, still to be read."""
        return replace(self, decoded=decoded)

    def after(self, prompt: str) -> Self:
        """The same with a prompt before its text; what is no text stays as it is."""
        if not prompt or row_of(self.modality).is_decoded:
            return self
        return replace(self, text=prompt + self.text)


def of_texts(texts: Iterable[str]) -> list[Content]:
    """Texts as they are, to be encoded."""
    return [Content.of_text(text) for text in texts]


def of_images(images: Iterable[Image]) -> list[Content]:
    """RGB pictures that were brought along, each under the hash of its pixels."""
    return [_of_image(image) for image in images]


def _of_image(image: Image) -> Content:
    rgb = np.asarray(image)
    return Content.of_picture(sha256(f"{rgb.shape} ".encode() + rgb.tobytes()).hexdigest(), rgb)


def text_hash(text: str) -> str:
    """SHA-256 of a passage, as UTF-8: what its vector is cached under."""
    return sha256(text.encode()).hexdigest()
