"""What opening a document gives: its texts and its pictures, before anything is cut or embedded."""

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_SHA256 = re.compile("[0-9a-f]{64}")

Source = Path | bytes
"""Where a document's bytes are: a file on disk, or the bytes themselves."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one document may hold once opened; past a limit it is Unreadable.

    `max_unpacked_bytes` bounds the XML of a .docx. `pages_at_once` bounds the page pictures that one
    call makes (about 1 MB each); the pages past it are named in `Parsed.more_pages`.
    """

    max_pixels: int
    max_pages: int
    max_characters: int
    max_unpacked_bytes: int = 256 * 1024 * 1024
    pages_at_once: int = 64


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a document, or of one of its pages (counted from 1), cleaned of control characters."""

    text: str
    page: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One picture: (height, width, 3) uint8 RGB, and the SHA-256 it is cached under."""

    rgb: NDArray[np.uint8]
    content_hash: str
    page: int | None = None

    def __post_init__(self) -> None:
        """ValueError unless it is one: pictures come from processes that are not trusted."""
        if self.rgb.ndim != 3 or self.rgb.shape[2] != 3 or not self.rgb.size:
            raise ValueError(f"pixels of shape {self.rgb.shape}, (height, width, 3) is wanted")
        if not _SHA256.fullmatch(self.content_hash):
            raise ValueError(f"content hash {self.content_hash[:80]!r} is no SHA-256")

    @property
    def image(self) -> Image.Image:
        """The same pixels as a PIL picture."""
        return Image.fromarray(self.rgb)


@dataclass(frozen=True, slots=True)
class Drawn:
    """Pictures of pages, and warnings that name those of which none could be made."""

    pictures: tuple[Picture, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Parsed:
    """One opened document; `more_pages` still have to be drawn by a `PagesJob`."""

    texts: tuple[Text, ...] = ()
    pictures: tuple[Picture, ...] = ()
    warnings: tuple[str, ...] = ()
    more_pages: tuple[int, ...] = ()


def text_hash(text: str) -> str:
    """SHA-256 of a passage, as UTF-8: what its vector is cached under."""
    return sha256(text.encode()).hexdigest()


def page_hash(document_hash: str, page: int) -> str:
    """SHA-256 that stands for the picture of one page of a document."""
    return sha256(f"{document_hash}:{page}".encode()).hexdigest()


def read_source(source: Source) -> bytes:
    """All bytes of a document; OSError if its file cannot be read."""
    return source.read_bytes() if isinstance(source, Path) else source
