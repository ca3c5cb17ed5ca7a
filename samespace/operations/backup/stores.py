"""What a backup is taken of and restored into."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from samespace.core.progress import Progress
from samespace.store.blobs import Blobs

Report = Callable[[Progress], object]
"""Is told how far it is."""


@dataclass(frozen=True, slots=True)
class Stores:
    """The databases of the records and of the vector cache, and the originals."""

    records: Engine
    vectors: Engine
    blobs: Blobs

    def close(self) -> None:
        """Give the connections back."""
        self.records.dispose()
        self.vectors.dispose()
