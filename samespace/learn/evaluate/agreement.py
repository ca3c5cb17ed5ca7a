"""How alike two rankings of the same things are."""

from collections.abc import Sequence

SHOWN = 10
"""Places that people look at."""
PERSISTENCE = 0.9
"""`p` of rank-biased overlap: how likely a reader is to go on from one place to the next. At 0.9 the first ten places
have 86% of the weight (Webber et al. 2010, equation 21)."""


def overlap(one: Sequence[str], other: Sequence[str], depth: int = SHOWN) -> float:
    """The share of the first `depth` of two rankings that both have, wherever they stand, 0 to 1.

    Where both are shorter, of the longer of them; two empty ones are alike.
    """
    a, b = set(one[:depth]), set(other[:depth])
    longest = max(len(a), len(b))
    return len(a & b) / longest if longest else 1.0


def rank_biased_overlap(one: Sequence[str], other: Sequence[str], p: float = PERSISTENCE) -> float:
    """How alike two rankings are, their first places counting most, 0 (nothing in common) to 1 (the same).

    RBO_EXT of Webber, Moffat & Zobel 2010 ("A similarity measure for indefinite rankings", equation 32): what
    lies below the end of the shorter or of both is taken to agree as what was seen. Each ranking names a thing once;
    0 < p < 1. Two empty ones are alike, one that is empty has nothing in common with another.
    """
    short, long = sorted((one, other), key=len)
    if not short:
        return 1.0 if not long else 0.0
    s, l = len(short), len(long)  # noqa: E741
    common = _common(short, long)
    x_s, x_l = common[s - 1], common[l - 1]
    total = sum(common[d - 1] / d * p**d for d in range(1, l + 1))
    total += sum(x_s * (d - s) / (s * d) * p**d for d in range(s + 1, l + 1))
    return (1 - p) / p * total + ((x_l - x_s) / l + x_s / s) * p**l


def _common(short: Sequence[str], long: Sequence[str]) -> list[int]:
    """How many things are among the first d of both, for d from 1 to the length of the longer."""
    seen_short: set[str] = set()
    seen_long: set[str] = set()
    common, found = [], 0
    for place, thing in enumerate(long):
        seen_long.add(thing)
        found += thing in seen_short
        if place < len(short):
            seen_short.add(short[place])
            found += short[place] in seen_long
        common.append(found)
    return common
