"""Whether the best of an answer is a match at all, or only the nearest of many that are none.

The reasons and the measurements are in docs/decisions/0011-no-good-match.md.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from samespace.core.modalities import row_of
from samespace.core.types import Modality
from search.background import Background, Cohort
from search.parts import Query, TextPart

# So many of the best hits are looked at for the words of the question.
LOOKED_AT = 10
# What holding the words of the question is worth, in spreads: all of it for nearly all of them.
_WORDS_COUNT = 1.0
_ENDINGS = 3
_SHORTEST_STEM = 4
# Words that come again need not be compiled again: `re` keeps 512, and compiling one takes a tenth of a millisecond.
_MOST_PATTERNS = 4096
_MOST_WORDS = 64
"""Of a question; each is looked for in ten texts, while somebody waits."""
_WORDS = re.compile(r"[^\W_]+(?:['.\-_][^\W_]+)*")
_EMPTY_WORDS = """
a about after all an and any are as at be by can do does for from have how i in into is it its me my not of on or
our over so than that the their there they this to under was we what when where which who whose why will with
without you your
"""
_EMPTY = frozenset(_EMPTY_WORDS.split())


@dataclass(frozen=True, slots=True)
class Chance:
    """What wrong items reach by chance: what unrelated things score, and how many there were to choose from."""

    unrelated: Cohort
    among: int

    def stands_out(self, cosine: float) -> float:
        """By how many spreads a cosine is above what the best of so many unrelated items is expected to have."""
        return (cosine - self.unrelated.mean) / self.unrelated.spread - expected_best(self.among)


def expected_best(among: int) -> float:
    """The place, in spreads above the mean, that one of `among` draws is expected to lie above.

    This is the location of the Gumbel distribution that the largest of so many normal draws tends to (Fisher
    and Tippett 1928): it grows with the square root of the logarithm, from 2.3 for 100 to 3.9 for 20,000.
    """
    return NormalDist().inv_cdf(1 - 1 / (among + 1)) if among > 1 else 0.0


def chance_of(
    vector: NDArray[np.float32], background: Background, found: Sequence[float], depth: int
) -> Chance | None:
    """What chance gives the best of a list, whose cosines are `found`, best first; None if nothing is known of it.

    A list that is not `depth` long holds all there was to choose from. Else its length over the share of the
    background that is as near as its last says how many there were: with a filter, those that fit it.
    """
    if background.unrelated is None or not found:
        return None
    if len(found) < depth:
        return Chance(background.unrelated, len(found))
    nearer = int(np.count_nonzero(background.sample @ vector >= found[-1]))
    among = round(len(found) * (len(background.sample) + 1) / (nearer + 1))
    return Chance(background.unrelated, max(among, len(found)))


def words_of(query: Query) -> tuple[str, ...]:
    """The words that a question looks for, in the form in which they are compared; empty where it has none."""
    texts = [part.text for part in query.parts if isinstance(part, TextPart) and part.weight > 0]
    words = [word for text in texts for word in _WORDS.findall(_plain(text))]
    told = [word for word in words if word not in _EMPTY]
    return tuple(dict.fromkeys(told or words))[:_MOST_WORDS]


def share_of_words(words: Sequence[str], texts: Sequence[str]) -> float:
    """The largest share of the words that one of the best texts holds, 0 to 1, whatever their endings."""
    if not words:
        return 0.0
    patterns = [_pattern(word) for word in words]
    best = [_plain(text) for text in texts[:LOOKED_AT]]
    counts = [sum(pattern.search(text) is not None for pattern in patterns) for text in best]
    return max(counts, default=0) / len(words)


def line_of(modality: Modality, line: float) -> float:
    """How far items of a modality have to stand out."""
    return line + row_of(modality).match_margin


def is_match(stands_out: float, words: Sequence[str], texts: Sequence[str], line: float) -> bool:
    """Whether the best of a list is a match: it stands out far enough, or the words are there to make up for it.

    Where all the words of the question stand in one of the best hits, it is a match whatever its cosine: an
    identifier, which an encoder knows nothing of, is found by its letters.
    """
    if stands_out >= line:
        return True
    share = share_of_words(words, texts)
    return share == 1 or stands_out + _WORDS_COUNT * share >= line


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


@lru_cache(_MOST_PATTERNS)
def _pattern(word: str) -> re.Pattern[str]:
    """Where a word begins, the last letters of a long one left open; whole where it is no plain word."""
    if not word.isascii():
        return re.compile(re.escape(word))  # scripts without blanks have no beginnings
    if not word.isalpha():
        return re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")
    if len(word) <= _SHORTEST_STEM:
        return re.compile(rf"\b{word}(?:s|es)?\b")
    return re.compile(rf"\b{word[: max(_SHORTEST_STEM, len(word) - _ENDINGS)]}")
