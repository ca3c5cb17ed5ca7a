"""Lists of different spaces and modalities to one ranking."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from samespace.core.types import Scored
from search.candidates import Candidates

_Vote: TypeAlias = tuple[float, int, Scored, Candidates]


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


def merge(lists: Sequence[Candidates], limit: int) -> list[Ranked]:
    """The best `limit` of all lists by calibrated score, ties by key.

    An item's score is the best any space gives it. A space that took only a part of the query's weight
    counts by that share, which never raises a score.
    """
    found: dict[str, list[_Vote]] = {}
    for candidates in lists:
        calibrate, share = candidates.calibration.calibrate, candidates.share
        for rank, scored in enumerate(candidates.scored, start=1):
            calibrated = calibrate(scored.score)
            vote = (min(calibrated, calibrated * share), rank, scored, candidates)
            found.setdefault(scored.row.item.key, []).append(vote)
    best = sorted((-max(vote[0] for vote in votes), key) for key, votes in found.items())
    return [_ranked(key, found[key]) for _, key in best[:limit]]


def _ranked(key: str, votes: list[_Vote]) -> Ranked:
    best_first = sorted(votes, key=lambda vote: (-vote[0], vote[3].space))
    return Ranked(
        key=key,
        document_id=votes[0][2].row.item.document_id,
        score=best_first[0][0],
        parts=tuple(
            ScorePart(
                space=candidates.space,
                cosine=scored.score,
                calibrated=candidates.calibration.calibrate(scored.score),
                rank=rank,
            )
            for _, rank, scored, candidates in best_first
        ),
    )
