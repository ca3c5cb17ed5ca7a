"""Originals and files of models, content-addressed, and what is derived of the first (thumbnails), on disk or S3."""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import BinaryIO, Protocol

from samespace.core.errors import InvalidRequest, Unavailable

ORIGINALS = "originals"
MODELS = "models"
"""Files of packed models; `samespace.encoders.packed` reads them."""


class Size(StrEnum):
    """How large a thumbnail is."""

    SMALL = "small"
    LARGE = "large"


THUMBNAILS = {Size.SMALL: "thumbnails", Size.LARGE: "thumbnails-large"}
"""The kinds of blob they are; the small ones are called as before there was another size."""

_KEY = re.compile(r"[a-z0-9-]+/[0-9a-f]{64}")


class Blobs(Protocol):
    """Bytes under a key, `<kind>/<sha256>`; keys are made by this project and never from a user's words."""

    def put(self, key: str, source: BinaryIO) -> None:
        """Store durably (fsync, or the object store's promise) and atomically; the same key is the same bytes."""

    def put_all(self, blobs: Sequence[tuple[str, BinaryIO]]) -> list[Unavailable | None]:
        """The same for many at the cost of a few: for each None, or why it is not stored.

        After one that could not be written the others are not tried. Unavailable where none is stored.
        """

    def get(self, key: str) -> bytes:
        """All bytes; NotFound."""

    def open(self, key: str) -> BinaryIO:
        """A readable stream; NotFound."""

    def exists(self, key: str) -> bool:
        """Whether it is there."""

    def delete(self, key: str) -> None:
        """Remove; nothing happens if it is not there."""

    def keys(self, kind: str) -> Iterator[str]:
        """All keys of a kind, in order."""

    def stored_at(self, key: str) -> float:
        """When it was stored, in seconds since the epoch; NotFound."""

    def leftovers(self, silent_for: float) -> Iterator[str]:
        """Names of what puts that were killed left behind, and nobody wrote to for so many seconds."""

    def remove_leftover(self, name: str) -> None:
        """Remove one of these; nothing happens if it is not there."""

    def ping(self) -> None:
        """Unavailable unless the store answers."""


def original(content_hash: str) -> str:
    """The key of an original."""
    return f"{ORIGINALS}/{content_hash}"


def thumbnail(content_hash: str, size: Size) -> str:
    """The key of a picture's thumbnail."""
    return f"{THUMBNAILS[size]}/{content_hash}"


def thumbnails(content_hash: str) -> list[str]:
    """The keys of a picture's thumbnails, of every size."""
    return [thumbnail(content_hash, size) for size in Size]


def is_key(key: str) -> bool:
    """Whether it can be one of ours: a folder may hold other files too."""
    return _KEY.fullmatch(key) is not None


def check_key(key: str) -> str:
    """The key, if it is one; InvalidRequest. The last guard before a path or an object name is made of it."""
    if not is_key(key):
        raise InvalidRequest(f"{key!r} is not a blob key")
    return key
