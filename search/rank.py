"""Lists of different spaces and modalities to one ranking."""

from collections.abc import Sequence
from dataclasses import dataclass

from search.background import Calibration


@dataclass(frozen=True, slots=True)
class Ballot:
    """What one (space, modality) says: the keys it found, best first, and their cosines (-1 to 1).

    `share` is the part of the query's weight the space took, 0 to 1.
    """

    space: str
    calibration: Calibration
    share: float
    keys: Sequence[str]
    cosines: Sequence[float]

    def vote(self, cosine: float) -> float:
        """The calibrated score, counted by the share, which never raises it."""
        calibrated = self.calibration.calibrate(cosine)
        return min(calibrated, calibrated * self.share)

    def votes(self) -> list[float]:
        """The vote for each of its keys, without a call for each: every question makes hundreds."""
        mean, spread, share = self.calibration.mean, self.calibration.spread, self.share
        calibrated = [(cosine - mean) / spread for cosine in self.cosines]
        return [min(score, score * share) for score in calibrated] if share != 1 else calibrated


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
    score: float
    parts: tuple[ScorePart, ...]


def merge(ballots: Sequence[Ballot], limit: int) -> list[str]:
    """The keys of the best `limit` items of all ballots by their best vote, ties by key."""
    scores: dict[str, float] = {}
    for ballot in ballots:
        for key, vote in zip(ballot.keys, ballot.votes(), strict=True):
            if key not in scores or vote > scores[key]:
                scores[key] = vote
    return [key for _, key in sorted((-score, key) for key, score in scores.items())[:limit]]


def explain(keys: Sequence[str], ballots: Sequence[Ballot]) -> list[Ranked]:
    """These items with their scores and what each ballot says of them, in the order of `keys`."""
    ranks = [{key: rank for rank, key in enumerate(ballot.keys, start=1)} for ballot in ballots]
    return [
        _explain(
            key,
            [
                (ballot, rank_of[key])
                for ballot, rank_of in zip(ballots, ranks, strict=True)
                if key in rank_of
            ],
        )
        for key in keys
    ]


def _explain(key: str, found: Sequence[tuple[Ballot, int]]) -> Ranked:
    votes = [(ballot.vote(ballot.cosines[rank - 1]), ballot, rank) for ballot, rank in found]
    best_first = sorted(votes, key=lambda vote: (-vote[0], vote[1].space))
    return Ranked(
        key, best_first[0][0], tuple(_part(ballot, rank) for _, ballot, rank in best_first)
    )


def _part(ballot: Ballot, rank: int) -> ScorePart:
    cosine = ballot.cosines[rank - 1]
    return ScorePart(ballot.space, cosine, ballot.calibration.calibrate(cosine), rank)
