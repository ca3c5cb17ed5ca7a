"""Lists of different spaces and modalities to one ranking."""

from collections.abc import Iterable
from dataclasses import dataclass

from search.candidates import Candidates


@dataclass(frozen=True, slots=True)
class ScorePart:
    """What one space says of an item: cosine (-1 to 1), calibrated score, rank in its list (from 1)."""

    space: str
    cosine: float
    calibrated: float
    rank: int


@dataclass(frozen=True, slots=True)
class Ranked:
    """An item's place in the answer: its best score, and what every space that found it says, best first."""

    key: str
    document_id: str
    score: float
    parts: tuple[ScorePart, ...]


def merge(lists: Iterable[Candidates]) -> list[Ranked]:
    """One ranking by calibrated score, ties by key.

    An item's score is the best any space gives it. A space that took only a part of the query's weight
    counts by that share, which never raises a score.
    """
    found: dict[str, list[tuple[float, ScorePart]]] = {}
    documents: dict[str, str] = {}
    for candidates in lists:
        for rank, scored in enumerate(candidates.scored, start=1):
            item = scored.row.item
            documents[item.key] = item.document_id
            found.setdefault(item.key, []).append(_score(candidates, scored.score, rank))
    ranking = [_ranked(key, documents[key], scores) for key, scores in found.items()]
    return sorted(ranking, key=lambda ranked: (-ranked.score, ranked.key))


def _score(candidates: Candidates, cosine: float, rank: int) -> tuple[float, ScorePart]:
    calibrated = candidates.calibration.calibrate(cosine)
    score = min(calibrated, calibrated * candidates.share)
    return score, ScorePart(candidates.space, cosine, calibrated, rank)


def _ranked(key: str, document_id: str, scores: list[tuple[float, ScorePart]]) -> Ranked:
    best_first = sorted(scores, key=lambda pair: (-pair[0], pair[1].space))
    return Ranked(key, document_id, best_first[0][0], tuple(part for _, part in best_first))
