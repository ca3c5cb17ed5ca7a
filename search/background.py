"""What a query scores against items in general: the sample that calibration stands on."""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from samespace.core.types import Modality, Vectors
from samespace.store.index import Index

# Fewer items than this say too little about items in general to give a verdict on the best one.
ENOUGH = 30
# Cosines of one modality never lie closer together than rounding in half precision would put them.
LEAST_SPREAD = 0.01

_FRESH_SECONDS = 60.0
_COUNTED_SECONDS = 5.0
_COUNT_ALWAYS_BELOW = 1000
_CHANGED = 0.10
_MOST_SAMPLES = 32


@dataclass(frozen=True, slots=True)
class Calibration:
    """Mean and spread of one query's cosines to the background of one (space, modality), of `size` items."""

    mean: float
    spread: float
    size: int

    @property
    def is_sound(self) -> bool:
        """Whether the background is large enough to say that nothing fits."""
        return self.size >= ENOUGH

    def calibrate(self, cosine: float) -> float:
        """How many spreads above the background's mean."""
        return (cosine - self.mean) / self.spread


def calibrate_query(vector: NDArray[np.float32], sample: Vectors) -> Calibration:
    """Calibrate a query, shape (dim,), against a sample, (n, dim); docs/decisions/0005-calibrated-merge.md."""
    if not len(sample):
        return Calibration(mean=0.0, spread=1.0, size=0)
    cosines = sample @ vector
    spread = max(float(cosines.std()), LEAST_SPREAD)
    return Calibration(float(cosines.mean()), spread, len(sample))


@dataclass(slots=True)
class _Entry:
    lock: threading.Lock = field(default_factory=threading.Lock)
    vectors: Vectors | None = None
    count: int = 0
    sampled_at: float = 0.0
    counted_at: float = 0.0


class Backgrounds:
    """Samples of the collections that are searched, kept in this process; any thread may ask.

    A sample is drawn anew when the number of items has changed by more than a tenth, and after a minute
    in any case. Small collections are counted at every query, large ones every five seconds.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._entries: OrderedDict[tuple[str, Modality], _Entry] = OrderedDict()

    def get(self, index: Index, name: str, modality: Modality) -> Vectors:
        """Vectors of up to `size` items of the modality, shape (n, dim)."""
        entry = self._entry((name, modality))
        with entry.lock:
            now = time.monotonic()
            if entry.vectors is None or self._is_stale(entry, index, name, modality, now):
                entry.vectors = index.sample(name, modality, self._size)
                entry.count = index.count(name, modality=modality)
                entry.sampled_at = entry.counted_at = now
            return entry.vectors

    def _entry(self, key: tuple[str, Modality]) -> _Entry:
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            self._entries.move_to_end(key)
            while len(self._entries) > _MOST_SAMPLES:
                self._entries.popitem(last=False)
            return entry

    def _is_stale(
        self, entry: _Entry, index: Index, name: str, modality: Modality, now: float
    ) -> bool:
        if now - entry.sampled_at > _FRESH_SECONDS:
            return True
        if entry.count >= _COUNT_ALWAYS_BELOW and now - entry.counted_at < _COUNTED_SECONDS:
            return False
        entry.counted_at = now
        return abs(index.count(name, modality=modality) - entry.count) > _CHANGED * entry.count
