"""What two rankings of the same judged queries say about which is better, and how far that can be trusted."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from samespace.learn.evaluate.agreement import SHOWN
from samespace.learn.evaluate.bootstrap import Interval, paired_interval
from samespace.learn.evaluate.measures import Values, measure

DECISIVE = "ndcg@10"
"""The measure that a verdict goes by: it sees every right answer of the first page, and how high it stands."""
FEWEST = 20
"""Below so many queries the bootstrap's intervals are too narrow to be believed, and no verdict is given."""

Documents = Sequence[str]
"""Documents by id, best first, each once."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A measure's mean over the queries for each side, and by how much the other is better than the live one, with the
    95% interval of that; each query is drawn with both its values."""

    live: float
    other: float
    better_by: Interval

    @property
    def is_told(self) -> bool:
        """Whether the interval leaves 0 out."""
        return self.better_by.low > 0 or self.better_by.high < 0


@dataclass(frozen=True, slots=True)
class Compared:
    """Each measure over so many judged queries, and the share of the first ten answers of each side that anybody
    judged (None where whoever judged is taken to have named all that is right)."""

    queries: int
    measures: Mapping[str, Difference]
    judged_live: float | None = None
    judged_other: float | None = None


def compare_judged(
    live: Sequence[Documents],
    other: Sequence[Documents],
    right: Sequence[Collection[str]],
    seed: int,
) -> dict[str, Difference]:
    """Each measure of two rankings for each query, given the right documents of each; InvalidRequest without any."""
    of_live, of_other = (_measured(some, right) for some in (live, other))
    return {
        name: Difference(
            float(of_live[name].mean()),
            float(of_other[name].mean()),
            paired_interval(of_other[name], of_live[name], seed).difference,
        )
        for name in of_live
    }


def share_judged(
    rankings: Sequence[Documents], known: Sequence[Collection[str]], depth: int = SHOWN
) -> float:
    """The mean share of the first documents of each ranking that are known, good or bad; 1 for an empty ranking."""
    shares = []
    for ranking, judged in zip(rankings, known, strict=True):
        first = ranking[:depth]
        shares.append(sum(each in judged for each in first) / len(first) if first else 1.0)
    return sum(shares) / len(shares)


def verdict(compared: Compared, live: str, other: str) -> str:
    """What the judged queries let one say of the two, by their names, in a sentence."""
    found = compared.measures[DECISIVE]
    by, queries = found.better_by, compared.queries
    figures = f"{abs(by.value):.3f} {_bounds(by)} {DECISIVE}"
    if queries < FEWEST:
        few = "query, which is" if queries == 1 else "queries, which are"
        return (
            f"no difference can be told with {queries} judged {few} too few; judge at least "
            f"{FEWEST} (so far {other} is {'ahead' if by.value > 0 else 'behind' if by.value < 0 else 'level'}"
            f"{f' by {figures}' if by.value else ''})"
        )
    if not found.is_told:
        return (
            f"no difference can be told with {queries} judged queries: {other} differs from {live} by "
            f"{by.value:+.3f} [{by.low:+.3f}, {by.high:+.3f}] {DECISIVE}, and 0 is among that"
        )
    better, worse = (other, live) if by.value > 0 else (live, other)
    return f"{better} is better than {worse} by {figures} on {queries} judged queries"


def _bounds(by: Interval) -> str:
    """Of the size of a difference, whichever side is better."""
    low, high = (by.low, by.high) if by.value >= 0 else (-by.high, -by.low)
    return f"[{low:.3f}, {high:.3f}]"


def _measured(rankings: Sequence[Documents], right: Sequence[Collection[str]]) -> dict[str, Values]:
    numbered = [
        _numbered(ranking, list(wanted)) for ranking, wanted in zip(rankings, right, strict=True)
    ]
    return measure(numbered, [range(len(wanted)) for wanted in right])


def _numbered(ranking: Documents, right: Sequence[str]) -> list[int]:
    """The places of right documents by their number, of others by one that no right one has."""
    numbers = {document: number for number, document in enumerate(right)}
    return [numbers.get(document, -1 - place) for place, document in enumerate(ranking)]
