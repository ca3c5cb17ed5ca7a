"""The originals, content-addressed, and what is derived from them (thumbnails), on disk or S3."""

from collections.abc import Iterator
from typing import BinaryIO, Protocol


class Blobs(Protocol):
    """Bytes under a key. Keys are `<kind>/<sha256>`, for instance `originals/ab12...`, made by this project only."""

    def put(self, key: str, source: BinaryIO) -> None:
        """Store durably (fsync, or the object store's promise) and atomically; the same key again is the same bytes."""

    def get(self, key: str) -> bytes:
        """All bytes; NotFound."""

    def open(self, key: str) -> BinaryIO:
        """A readable stream; NotFound."""

    def exists(self, key: str) -> bool:
        """Whether it is there."""

    def delete(self, key: str) -> None:
        """Remove; nothing happens if it is not there."""

    def keys(self, prefix: str = "") -> Iterator[str]:
        """All keys that start with the prefix, in order."""

    def ping(self) -> None:
        """Unavailable unless it can be written to."""
