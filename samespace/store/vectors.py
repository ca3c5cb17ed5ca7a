"""The vector cache: vectors by encoder fingerprint and content hash; nothing is embedded twice."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]


class VectorCache(Protocol):
    """Single unit vectors, shape (dim,), float32, under (fingerprint, content hash)."""

    def get(self, fingerprint: str, hashes: Sequence[str]) -> dict[str, Vector]:
        """The vectors that are there, by content hash."""

    def put(self, fingerprint: str, vectors: Mapping[str, Vector], precision: str) -> None:
        """Keep them, noting the precision they were computed in; present ones stay as they are."""

    def delete(self, hashes: Iterable[str]) -> None:
        """Forget these contents under every fingerprint."""

    def count(self, fingerprint: str | None = None) -> int:
        """How many are kept."""
