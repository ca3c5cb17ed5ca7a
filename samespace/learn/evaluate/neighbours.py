"""What an index finds of what exact search finds."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from samespace.core.types import Modality, Vectors
from samespace.learn.evaluate.measures import Values
from samespace.store.index import Index

NEIGHBOURS = 10
# Stored and found scores are float32: rows this near to the last place are as good as it.
_TIE = 1e-6
_KEPT = 4 * NEIGHBOURS
_CHUNK = 100

Batches = Iterable[tuple[Sequence[str], Vectors]]
"""All stored rows, some at a time: their keys, and their unit vectors, (m, dim)."""


def share_found(
    index: Index,
    name: str,
    modality: Modality,
    queries: Vectors,
    on_scanned: Callable[[int], None] = lambda _: None,
) -> Values:
    """For each query row the share of its true ten nearest rows of the modality that the index found, (n,).

    The truth is exact search over every row that `index` holds under `name`, read in batches;
    `on_scanned` hears how many were read. The index is asked for ten and no more, which is the hardest
    for an approximate one. Empty where it holds no such row.
    """
    rows = (
        ([row.item.key for row in some], vectors)
        for some, vectors in index.scan(name, modality=modality)
    )
    truth = true_neighbours(queries, _counted(rows, on_scanned))
    if not any(truth):
        return np.empty(0)
    found = []
    for start in range(0, len(queries), _CHUNK):
        some = index.search(name, queries[start : start + _CHUNK], modality, NEIGHBOURS)
        found += [[scored.key for scored in hits] for hits in some]
    return np.array([_share(mine, true) for mine, true in zip(found, truth, strict=True)])


def true_neighbours(queries: Vectors, batches: Batches) -> list[frozenset[str]]:
    """For each query row the keys of its ten nearest rows by cosine, and of those level with the tenth."""
    keys: list[str] = []
    places = np.empty((len(queries), 0), dtype=np.intp)
    scores = np.empty((len(queries), 0), dtype=np.float32)
    for some, vectors in batches:
        new = np.broadcast_to(
            np.arange(len(keys), len(keys) + len(some)), (len(queries), len(some))
        )
        keys.extend(some)
        scores, places = _best(np.hstack([scores, queries @ vectors.T]), np.hstack([places, new]))
    if not keys:
        return [frozenset()] * len(queries)
    tenth = np.sort(scores, axis=1)[:, -min(NEIGHBOURS, len(keys)), None]
    return [
        frozenset(keys[place] for place in row[near])
        for row, near in zip(places, scores >= tenth - _TIE, strict=True)
    ]


def _best(
    scores: NDArray[np.float32], places: NDArray[np.intp]
) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """The best _KEPT of each row, in any order."""
    if scores.shape[1] <= _KEPT:
        return scores, places
    chosen = np.argpartition(-scores, _KEPT, axis=1)[:, :_KEPT]
    return np.take_along_axis(scores, chosen, axis=1), np.take_along_axis(places, chosen, axis=1)


def _share(found: Sequence[str], true: frozenset[str]) -> float:
    wanted = min(NEIGHBOURS, len(true))
    return min(wanted, len(true.intersection(found))) / wanted


def _counted(batches: Batches, on_scanned: Callable[[int], None]) -> Batches:
    seen = 0
    for keys, vectors in batches:
        yield keys, vectors
        seen += len(keys)
        on_scanned(seen)
