"""What people say who look at two answers side by side, counted."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import comb

SURE = 0.05
"""A split that chance alone gives at most so often is told from chance."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many marks say that the live side, the other one, or neither answers better; `blind` of them were given
    without knowing which was which.

    `chance` is how likely a split at least as uneven is where both are equally good (the two-sided sign test, in
    which ties say nothing), 0 to 1.
    """

    live: int = 0
    other: int = 0
    same: int = 0
    blind: int = 0

    @property
    def marks(self) -> int:
        """All of them."""
        return self.live + self.other + self.same

    @property
    def chance(self) -> float:
        """See above."""
        return sign_test(self.live, self.other)


def tally(marks: Iterable[tuple[str | None, bool]], live: str, other: str) -> Tally:
    """The marks, each which side is better (None: neither) and whether it was given blind, counted."""
    found = [mark for mark in marks if mark[0] in {live, other, None}]
    said = [better for better, _ in found]
    return Tally(said.count(live), said.count(other), said.count(None), sum(b for _, b in found))


def sign_test(one: int, other: int) -> float:
    """How likely it is that of `one + other` fair coins the more frequent side falls at least so often."""
    total, most = one + other, max(one, other)
    tail = sum(comb(total, heads) for heads in range(most, total + 1))
    return min(1.0, tail / 2.0 ** (total - 1))


def verdict(found: Tally, live: str, other: str) -> str:
    """What the marks let one say of two sides, by their names, in a sentence; empty without marks."""
    if not found.marks:
        return ""
    counts = f"{found.other} for {other}, {found.live} for {live}, {found.same} the same"
    blind = f", {found.blind} of {found.marks} blind" if found.blind else ", none blind"
    if found.chance > SURE:
        return f"side by side: no difference can be told with {found.marks} marks ({counts}{blind})"
    better = other if found.other > found.live else live
    return (
        f"side by side: {better} is preferred ({counts}{blind}); chance alone splits equals so unevenly "
        f"{found.chance:.1%} of the time"
    )
