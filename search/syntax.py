"""Queries as they are typed: `"2:red car" + photo.jpg - "text overlay"` (the syntax is rclip's)."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from samespace.core.errors import InvalidRequest

_NUMBER = r"[0-9]{1,4}(?:\.[0-9]+)?"
# Always a weight: nobody types two colons behind a number by accident.
_SURELY_WEIGHTED = re.compile(rf"({_NUMBER})::(.*)", re.DOTALL)
# One colon, unless it looks like a time, a verse, a ratio, a relation, a code or a heading:
# `16:45`, `John 3:16`, `1:n`, `007:`, `12:ab:cd`, `Chapter 2: the whale`.
_WEIGHTED = re.compile(
    r"(?!1:)((?:[1-9][0-9]{0,2}|0(?=\.[0-9]*[1-9]))(?:\.[0-9]+)?):(?=[^\s\d:][^\s:]*(?:\s|\Z))(.*)",
    re.DOTALL,
)
_WEIGHTED_PICTURE = re.compile(rf"({_NUMBER})::?(.*)", re.DOTALL)


class Kind(StrEnum):
    """What a typed part is."""

    WORDS = "words"
    PICTURE = "picture"


@dataclass(frozen=True, slots=True)
class Typed:
    """A part of a query as it was typed: words, or the path of a picture."""

    kind: Kind
    value: str
    weight: float


def parse_query_text(words: Sequence[str], is_picture: Callable[[str], bool]) -> list[Typed]:
    """The parts that these words of a command line stand for; InvalidRequest. `is_picture` tells the path of one.

    `+` and `-`, standing alone, separate parts, and `-` makes the ones up to the next separator negative.
    `N::` before a part is its weight; so is `N:` before words that begin with no digit, or before a picture.
    A picture, or a word with a weight, begins a part of its own; other words join the words before them:
    `red car` and `"red car"` are the same.
    """
    parts: list[Typed] = []
    sign, fresh = 1.0, True
    for position, word in enumerate(words):
        if word in {"+", "-"}:
            _check_separator(words, position)
            sign, fresh = (1.0 if word == "+" else -1.0), True
            continue
        part, weighted = _parse_word(word, sign, is_picture)
        if fresh or weighted or Kind.PICTURE in {part.kind, parts[-1].kind}:
            parts.append(part)
        else:
            parts[-1] = Typed(Kind.WORDS, f"{parts[-1].value} {part.value}", parts[-1].weight)
        fresh = False
    if not parts:
        raise InvalidRequest("the query is empty: give words, or the path of a picture")
    return parts


def _check_separator(words: Sequence[str], position: int) -> None:
    following = words[position + 1 : position + 2]
    if not following or following[0] in {"+", "-"}:
        raise InvalidRequest(f"nothing follows the {words[position]!r} at place {position + 1}")


def _parse_word(word: str, sign: float, is_picture: Callable[[str], bool]) -> tuple[Typed, bool]:
    """(the part, whether it has a weight of its own)."""
    weighted = _weighted(word, is_picture)
    value = weighted[2] if weighted else word
    if not value.strip():
        raise InvalidRequest(f"{word!r} is empty: words or the path of a picture are missing")
    kind = Kind.PICTURE if is_picture(value) else Kind.WORDS
    return Typed(kind, value, sign * float(weighted[1] if weighted else 1)), weighted is not None


def _weighted(word: str, is_picture: Callable[[str], bool]) -> re.Match[str] | None:
    """The weight and what it is for, where the word has one."""
    if is_picture(word):
        return None
    found = _WEIGHTED_PICTURE.fullmatch(word)
    if found and is_picture(found[2]):
        return found
    return _SURELY_WEIGHTED.fullmatch(word) or _WEIGHTED.fullmatch(word)
