"""What a query scores against items in general: the background that calibration stands on.

The reasons and the measurements are in docs/decisions/0005-calibrated-merge.md and, for what is unrelated, in
0011-no-good-match.md.
"""

import threading
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from samespace.core.content import of_texts
from samespace.core.errors import Unavailable
from samespace.core.modalities import row_of
from samespace.core.types import TEXT, Modality, Vectors
from samespace.store.index import Index
from search.cohort import GENERIC
from search.spaces import OpenSpace

# From so many items on, the query's own cosines say what it scores in general.
ENOUGH = 30
# Cosines never lie closer together than rounding in half precision would put them.
LEAST_SPREAD = 0.01
# More like the item itself than like a query about it.
_SAME = 0.999

_COHORT_ITEMS = 64
_FRESH_SECONDS = 60.0
_COUNTED_SECONDS = 1.0
_COUNT_ALWAYS_BELOW = 100
# Looking whether a collection has changed may take a fiftieth of the time.
_PATIENCE = 50
_CHANGED = 0.10
_MOST_SAMPLES = 32


@dataclass(frozen=True, slots=True)
class Cohort:
    """Mean and spread of the cosines that other queries, the cohort, have to these items."""

    mean: float
    spread: float


# Without a cohort, as for a collection of one item that is its own query.
_NOTHING_KNOWN = Cohort(0.0, LEAST_SPREAD)


@dataclass(frozen=True, slots=True)
class Background:
    """A sample of one (space, modality), (n, dim), and what the cohort scores against it, if there is one.

    `unrelated` is what things that have nothing to do with each other score there; None where it is not known.
    """

    sample: Vectors
    cohort: Cohort | None
    unrelated: Cohort | None = None


@dataclass(frozen=True, slots=True)
class Calibration:
    """Mean and spread of what one query scores against items of one (space, modality) in general.

    `size` items stand behind it.
    """

    mean: float
    spread: float
    size: int

    @property
    def is_sound(self) -> bool:
        """Whether the background is large enough to say that nothing fits."""
        return self.size >= ENOUGH

    def calibrate(self, cosine: float) -> float:
        """How many spreads above the mean."""
        return (cosine - self.mean) / self.spread


def calibrate_query(vector: NDArray[np.float32], background: Background) -> Calibration:
    """Calibrate a query, shape (dim,), against a background.

    The mean and spread of its own cosines to the sample (as Z-norm), the spread never below that of the
    cohort: a query far from everything has a narrow spread, which would make its least bad answer look
    good. With fewer items than ENOUGH, mean and spread lean on the cohort's in proportion (as T-norm,
    Auckenthaler et al. 2000): a single picture is judged by what other queries score against it. Items that
    are the query itself are no background of it.
    """
    cosines = background.sample @ vector
    cosines = cosines[cosines < _SAME]
    cohort = background.cohort or _NOTHING_KNOWN
    own = min(1.0, len(cosines) / ENOUGH)
    mean = own * _mean(cosines) + (1 - own) * cohort.mean
    spread = max(own * _spread(cosines) + (1 - own) * cohort.spread, cohort.spread)
    return Calibration(mean, spread, len(background.sample))


def measure_cohort(cohort: Vectors, sample: Vectors) -> Cohort | None:
    """What a cohort, (m, dim), scores against a sample, (n, dim), items against themselves left out;
    None where too few pairs are left to tell."""
    cosines = (cohort @ sample.T).ravel()
    cosines = cosines[cosines < _SAME]
    if len(cosines) < ENOUGH:
        return None
    return Cohort(_mean(cosines), _spread(cosines))


def measure_apart(asking: Vectors, asked: Vectors) -> Cohort:
    """What everyday phrases score against each other, each (m, dim), each against itself left out."""
    cosines = (asking @ asked.T)[~np.eye(len(asking), dtype=bool)]
    return Cohort(_mean(cosines), _spread(cosines))


def _mean(cosines: NDArray[np.float32]) -> float:
    return float(cosines.mean()) if len(cosines) else 0.0


def _spread(cosines: NDArray[np.float32]) -> float:
    return max(float(cosines.std()), LEAST_SPREAD) if len(cosines) else LEAST_SPREAD


@dataclass(slots=True)
class _Entry:
    lock: threading.Lock = field(default_factory=threading.Lock)
    sample: Vectors | None = None
    cohort: dict[Modality, Cohort | None] = field(default_factory=dict)
    is_whole: bool = False
    count: int = 0
    sampled_at: float = 0.0
    looked_at: float = 0.0
    look_seconds: float = 0.0


class Backgrounds:
    """Samples of the collections that are searched, kept in this process; any thread may ask.

    A sample is drawn anew when the number of items has changed by more than a tenth, and after a minute
    in any case. A small collection is counted at every query, by the query's own list where that holds all of it;
    others every second or, where counting is slow, as rarely as _PATIENCE asks.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._entries: OrderedDict[tuple[str, Modality], _Entry] = OrderedDict()
        self._words: dict[tuple[str, str], Vectors] = {}
        self._apart: dict[str, Cohort] = {}

    def get(
        self,
        space: OpenSpace,
        modality: Modality,
        asked_by: Modality,
        index: Index,
        counted: int | None = None,
    ) -> Background:
        """The background of a space's items of a modality for queries of the modality `asked_by`.

        `counted` is how many such items there are, where the one who asks has just seen them all.
        """
        entry, sample = self._sample(space.record.index_name, modality, index, counted)
        if asked_by not in entry.cohort:
            entry.cohort[asked_by] = self._usual(space, sample, asked_by, index)
        cohort = entry.cohort[asked_by]
        return Background(sample, cohort, self._unrelated(space, modality, asked_by, cohort))

    def _unrelated(
        self, space: OpenSpace, modality: Modality, asked_by: Modality, cohort: Cohort | None
    ) -> Cohort | None:
        """What words score against passages, or pictures, that they have nothing to do with.

        Texts have a scale of their encoder, whatever the collection is about. Of pictures there are only
        those of the collection. What pictures score tells nothing when they ask.
        """
        if asked_by != TEXT or modality != TEXT:
            return cohort if asked_by == TEXT else None
        fingerprint = space.encoder.fingerprint
        if fingerprint not in self._apart:
            prompts = (space.encoder.space.query_prompt, space.encoder.space.passage_prompt)
            self._apart[fingerprint] = measure_apart(
                *(self._everyday_words(space, p) for p in prompts)
            )
        return self._apart[fingerprint]

    def _usual(
        self, space: OpenSpace, sample: Vectors, asked_by: Modality, index: Index
    ) -> Cohort | None:
        """What queries of a modality score: everyday words, but pictures of the collection where pictures ask."""
        cohort = None
        if row_of(asked_by).is_decoded:
            alike = self._sample(space.record.index_name, asked_by, index)[1]
            cohort = measure_cohort(alike[:_COHORT_ITEMS], sample)
        if cohort is None and TEXT in space.record.modalities:
            words = self._everyday_words(space, space.encoder.space.query_prompt)
            cohort = measure_cohort(words, sample)
        return cohort

    def _everyday_words(self, space: OpenSpace, prompt: str) -> Vectors:
        """The vectors of GENERIC under a prompt, encoded once for each encoder."""
        key = (space.encoder.fingerprint, prompt)
        with self._lock:
            if key not in self._words:
                self._words[key] = space.encoder.encode(
                    of_texts([prompt + words for words in GENERIC]), interactive=True
                )
            return self._words[key]

    def _sample(
        self, name: str, modality: Modality, index: Index, counted: int | None = None
    ) -> tuple[_Entry, Vectors]:
        entry = self._entry((name, modality))
        # While one query looks whether the collection has changed, the others go on with what is there.
        known = entry.sample
        if not entry.lock.acquire(blocking=known is None) and known is not None:
            return entry, known
        try:
            return entry, self._fresh(entry, index, name, modality, counted)
        finally:
            entry.lock.release()

    def _fresh(
        self, entry: _Entry, index: Index, name: str, modality: Modality, counted: int | None
    ) -> Vectors:
        sample = entry.sample
        if sample is None:
            return self._draw(entry, index, name, modality)
        with suppress(Unavailable):  # an old sample serves; the search will tell
            if self._is_stale(entry, index, name, modality, counted):
                return self._draw(entry, index, name, modality)
        return sample

    def _draw(self, entry: _Entry, index: Index, name: str, modality: Modality) -> Vectors:
        started = time.monotonic()
        sample = index.sample(name, modality, self._size)
        is_whole = len(sample) < self._size
        entry.count = len(sample) if is_whole else index.count(name)
        entry.sample, entry.is_whole, entry.cohort = sample, is_whole, {}
        entry.sampled_at = _looked(entry, started)
        return sample

    def _entry(self, key: tuple[str, Modality]) -> _Entry:
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            self._entries.move_to_end(key)
            while len(self._entries) > _MOST_SAMPLES:
                self._entries.popitem(last=False)
            return entry

    def _is_stale(
        self, entry: _Entry, index: Index, name: str, modality: Modality, counted: int | None
    ) -> bool:
        started = time.monotonic()
        patience = _PATIENCE * entry.look_seconds
        if started - entry.sampled_at > max(_FRESH_SECONDS, patience):
            return True
        if entry.is_whole and counted is not None:
            return _has_changed(entry, counted)
        is_small = entry.count < _COUNT_ALWAYS_BELOW
        if not is_small and started - entry.looked_at < max(_COUNTED_SECONDS, patience):
            return False
        # A sample that is not whole is of a large collection: without a filter it is counted sooner.
        count = index.count(name, modality=modality if entry.is_whole else None)
        _looked(entry, started)
        return _has_changed(entry, count)


def _has_changed(entry: _Entry, count: int) -> bool:
    return abs(count - entry.count) > _CHANGED * entry.count


def _looked(entry: _Entry, started: float) -> float:
    """Note when the index was last asked and how long that took; answers when."""
    entry.looked_at = time.monotonic()
    entry.look_seconds = entry.looked_at - started
    return entry.looked_at
