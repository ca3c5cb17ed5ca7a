"""The index: one Milvus collection for each (collection, space) pair, behind one small interface.

Derived data: records, blobs and the vector cache rebuild it without encoding anything.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from samespace.core.types import Modality, Nearest, Row, Scored, Vectors
from samespace.store.filters import Filter


class Index(Protocol):
    """Rows with vectors under a name; every read sees every write that has returned (strong consistency)."""

    def create(self, name: str, dim: int) -> None:
        """Make the collection; nothing happens if it is there. Safe to race."""

    def drop(self, name: str) -> None:
        """Remove the collection and all its rows; nothing happens if it is not there."""

    def upsert(self, name: str, rows: Sequence[Row], vectors: Vectors) -> None:
        """Write rows by item key, replacing; BadVector before anything is written if one is not finite,
        not of unit length (1e-3) or not (n, dim)."""

    def delete(
        self,
        name: str,
        document_ids: Sequence[str],
        *,
        above: int | None = None,
        below: int | None = None,
    ) -> None:
        """Delete all rows of the documents; with `above` only those of a newer generation, with `below` of an older."""

    def remove(self, name: str, keys: Sequence[str]) -> None:
        """Delete the rows of these item keys; nothing happens for those that are not there."""

    def search(
        self,
        name: str,
        vectors: Vectors,
        modality: Modality,
        limit: int,
        where: Filter | None = None,
    ) -> list[list[Scored]]:
        """For each query vector the nearest rows of the modality that fit the filter, best first (ties by key).

        At least 0.95 of the true nearest are found at every selectivity: where the filter keeps few rows,
        they are searched exactly.
        """

    def nearest(
        self,
        name: str,
        vector: Vectors,
        modalities: Sequence[Modality],
        limit: int,
        *,
        where: Filter | None = None,
        shown: int = 0,
    ) -> list[Nearest]:
        """For one query vector, shape (dim,), what `search` finds of each modality.

        The rows of the first `shown` of each come along where that costs no call of its own; they are of the same
        moment.
        """

    def get(self, name: str, keys: Sequence[str]) -> tuple[list[Row], Vectors]:
        """The rows of these item keys that exist, with their vectors, in the order of `keys`."""

    def rows(self, name: str, keys: Sequence[str]) -> list[Row]:
        """The rows of these item keys that exist, in the order of `keys`."""

    def scan(
        self,
        name: str,
        where: Filter | None = None,
        modality: Modality | None = None,
        batch: int = 1000,
    ) -> Iterator[tuple[list[Row], Vectors]]:
        """All rows in batches, ordered by key; memory stays bounded by the batch."""

    def sample(self, name: str, modality: Modality, size: int) -> Vectors:
        """Vectors of up to `size` random rows of the modality; the same rows while the collection is the same."""

    def count(
        self, name: str, where: Filter | None = None, modality: Modality | None = None
    ) -> int:
        """How many rows fit."""

    def exists(self, name: str) -> bool:
        """Whether the collection is there."""

    def is_current(self, name: str) -> bool:
        """Whether the collection was made with the columns that this release keeps; False if it is not there."""

    def dim(self, name: str) -> int:
        """The dimension of the vectors it takes; NotFound."""

    def ping(self) -> None:
        """Unavailable unless the server answers."""
