"""The vectors of what was asked last, so that a question that comes again is not encoded again."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray
from PIL.Image import Image

from samespace.core.types import Vectors

# 15 MB at 384 dimensions, 46 MB at 1,152.
MOST = 10_000


class Remembered:
    """Rows by key, at most `most` of them, those asked for last; any thread may call. One for each model."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[bytes, NDArray[np.float32]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def rows(self, keys: Sequence[bytes], encode: Callable[[list[int]], Vectors]) -> Vectors:
        """A row for each key, (n, dim); `encode` makes those of the places it is given, each key once, in one call."""
        with self._lock:
            found = {key: self._kept[key] for key in keys if key in self._kept}
        places = {key: at for at, key in enumerate(keys) if key not in found}
        if places:
            fresh = encode(list(places.values()))
            found |= {key: row.copy() for key, row in zip(places, fresh, strict=True)}
        self._keep(found)
        return np.stack([found[key] for key in keys])

    def _keep(self, found: dict[bytes, NDArray[np.float32]]) -> None:
        with self._lock:
            for key, row in found.items():
                self._kept[key] = row
                self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)


def key_of_text(text: str) -> bytes:
    """A hash, since texts may be long and are nobody else's business."""
    return sha256(b"text " + text.encode(errors="surrogatepass")).digest()


def key_of_image(image: Image) -> bytes:
    """A hash of the pixels."""
    return sha256(f"image {image.mode} {image.size} ".encode() + image.tobytes()).digest()
