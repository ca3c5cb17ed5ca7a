"""The vectors of what was asked last, so that a query that comes again is not encoded again."""

import threading
from collections.abc import Callable, Sequence
from hashlib import sha256

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from samespace.core.content import Content
from samespace.core.types import Vectors

# Rows: 15 MB at 384 dimensions, 46 MB at 1,152.
CAPACITY = 10_000


class QueryCache:
    """Rows by key, those used last; any thread may call. One for each model."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._lock = threading.Lock()
        self._rows: LRUCache[bytes, NDArray[np.float32]] = LRUCache(capacity)

    def __len__(self) -> int:
        return len(self._rows)

    def rows(self, keys: Sequence[bytes], encode: Callable[[list[int]], Vectors]) -> Vectors:
        """A row for each key, (n, dim); `encode` makes those of the places it is given, each key once, in one call."""
        with self._lock:
            found = {key: self._rows[key] for key in keys if key in self._rows}
        places = {key: at for at, key in enumerate(keys) if key not in found}
        if places:
            fresh = encode(list(places.values()))
            new = {key: row.copy() for key, row in zip(places, fresh, strict=True)}
            with self._lock:
                self._rows.update(new)
            found |= new
        return np.stack([found[key] for key in keys])


def key_of(content: Content) -> bytes:
    """A hash: texts may be long and are nobody else's business; of what is no text the one it has."""
    if content.decoded is None:
        return sha256(content.text.encode(errors="surrogatepass")).digest()
    return f"{content.modality} {content.content_hash}".encode()
