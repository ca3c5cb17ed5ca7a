"""What a ranking is worth, query by query; the measures are those of ir-measures over trec_eval."""

from collections.abc import Collection, Iterable, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from samespace.core.types import Vectors

Values = NDArray[np.float64]
"""One value for each query, shape (n,), 0 to 1."""

DEPTH = 100
"""Places of a ranking that are looked at; a right answer below counts as not found."""

MEASURES = ("recall@1", "recall@5", "recall@10", "mrr", "ndcg@10")

_CHUNK = 512


def measure(
    rankings: Iterable[Sequence[int] | NDArray[np.intp]], relevant: Iterable[Collection[int]]
) -> dict[str, Values]:
    """Each measure for each query, from its ranked answers (best first) and the set of its right ones.

    recall@k is 1 where a right answer is among the first k, as it is counted for pictures and captions
    (Karpathy & Fei-Fei 2015, arXiv:1412.2306; Radford et al. 2021): trec_eval calls it success. mrr is
    the reciprocal rank of the first right answer, 0 below DEPTH; ndcg@10 has gains of 0 and 1.
    """
    values: dict[str, list[Values]] = {name: [np.empty(0)] for name in MEASURES}
    queries = zip(rankings, relevant, strict=True)
    while some := list(islice(queries, _CHUNK)):
        for name, measured in _measure_some(some).items():
            values[name].append(measured)
    return {name: np.concatenate(measured) for name, measured in values.items()}


def _measure_some(
    some: Sequence[tuple[Sequence[int] | NDArray[np.intp], Collection[int]]],
) -> dict[str, Values]:
    import ir_measures
    from ir_measures import RR, Success, nDCG

    wanted = dict(
        zip((Success @ 1, Success @ 5, Success @ 10, RR, nDCG @ 10), MEASURES, strict=True)
    )
    # trec_eval orders by score and would break ties by name, so the place is the score.
    run = {
        str(i): {str(key): float(-place) for place, key in enumerate(ranking[:DEPTH])}
        for i, (ranking, _) in enumerate(some)
    }
    right = {
        str(i): dict.fromkeys(map(str, _that_count(ranking, keys)), 1)
        for i, (ranking, keys) in enumerate(some)
    }
    values = {name: np.zeros(len(some)) for name in MEASURES}
    for metric in ir_measures.iter_calc(list(wanted), right, run):
        values[wanted[metric.measure]][int(metric.query_id)] = metric.value
    return values


def _that_count(ranking: Sequence[int] | NDArray[np.intp], right: Collection[int]) -> set[int]:
    """Of perhaps thousands of right answers those that change a measure: found ones, and ten for the ideal."""
    return {*islice(right, 10), *(key for key in ranking[:DEPTH] if key in right)}


def rank(
    queries: Vectors, gallery: Vectors, *, leave_out: NDArray[np.intp] | None
) -> NDArray[np.intp]:
    """The DEPTH nearest gallery rows of each query row by cosine, best first, ties by place; (n, depth).

    `leave_out` names for each query the one gallery row that is no answer. Memory is bounded by a
    chunk of queries times the gallery.
    """
    depth = min(DEPTH, len(gallery) - (leave_out is not None))
    ranked = np.empty((len(queries), depth), dtype=np.intp)
    for start in range(0, len(queries), _CHUNK):
        some = slice(start, start + _CHUNK)
        scores = queries[some] @ gallery.T
        if leave_out is not None:
            scores[np.arange(len(scores)), leave_out[some]] = -np.inf
        ranked[some] = _best_places(scores, depth)
    return ranked


def _best_places(scores: NDArray[np.float32], depth: int) -> NDArray[np.intp]:
    chosen = np.argpartition(-scores, depth - 1, axis=1)[:, :depth] if depth else scores[:, :0]
    chosen = np.sort(chosen.astype(np.intp), axis=1)
    order = np.argsort(-np.take_along_axis(scores, chosen, axis=1), axis=1, kind="stable")
    return np.take_along_axis(chosen, order, axis=1)
