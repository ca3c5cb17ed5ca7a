"""What a backup is taken of and restored into."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from samespace.store.blobs import Blobs

Tell = Callable[[str, int, int], object]
"""Is told what is being done, and so many of so many."""


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


def silent(_doing: str, _done: int, _total: int) -> None:
    """Tells nobody."""
