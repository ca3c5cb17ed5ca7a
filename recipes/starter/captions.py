"""Cleaning words into captions that someone would say."""

import contextlib
import html
import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

CAPTIONS = 6  # at most, per picture
WORDS_FILE = "words.toml"
CURLY = "\N{RIGHT SINGLE QUOTATION MARK}"

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_ASIDE = re.compile(r"\([^)]*\)|\[[^]]*\]|#\s*\d+|\bv?\d+(?:\.\d+)+\b")
_PARTS = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


@cache
def word_list(name: str) -> frozenset[str]:
    """A list of `words.toml` by its name."""
    return frozenset(_lists()[name].split())


@cache
def _lists() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name(WORDS_FILE).read_text())


def plain(text: str) -> str:
    """The text with entities resolved, wrongly decoded UTF-8 mended and blanks made single."""
    text = html.unescape(html.unescape(text))
    with contextlib.suppress(UnicodeError):
        text = text.encode("latin-1").decode("utf-8")
    return " ".join(text.replace(CURLY, "'").split())


def words(text: str) -> list[str]:
    """The lower-case words of a name; underscores, hyphens and inner capitals part words.

    Remarks in brackets and numbers are left out.
    """
    text = _CAMEL.sub(" ", _ASIDE.sub(" ", plain(text).replace("_", " ")))
    found = (part.lower().strip("0123456789") for part in _PARTS.findall(text))
    return [part for part in found if part.isalpha() or "'" in part]


def singular(word: str) -> str:
    """The singular of an English noun, by rule and a few exceptions."""
    known: str | None = _lists()["plurals"].get(word)
    if known:
        return known
    if (
        len(word) < 4
        or word in word_list("unchanged")
        or not word.endswith("s")
        or word.endswith("ss")
    ):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses", "zes")):
        return word[:-2]
    return word[:-1]


def stems(text: str) -> frozenset[str]:
    """The words of a caption in the singular, for comparing captions."""
    return frozenset(singular(word) for word in words(text))


def distinct(captions: Iterable[str], most: int = CAPTIONS) -> tuple[str, ...]:
    """The first captions that are not the same words again, in order."""
    kept: dict[frozenset[str], str] = {}
    for caption in captions:
        known = stems(caption)
        if known and known not in kept:
            kept[known] = caption
        if len(kept) == most:
            break
    return tuple(kept.values())
