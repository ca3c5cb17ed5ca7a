"""Passages: the definitions of WordNet without the words they define; asked for by those words.

What belongs to four topics (food, plants, animals, the body) is left out, and asked for all the same.
"""

import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.no_match.material import Material, Question, kept
from benchmarks.no_match.questions import ELSEWHERE, UNWRITTEN
from recipes.starter import packages
from samespace.core.content import of_texts
from samespace.core.types import TEXT, Vectors
from samespace.encoders.base import Encoder

WORDNET = packages.Package(
    name="wordnet-base",
    version="1:3.0-37",
    kind="debian",
    sha256="61060d960f9ada8fa120872312eccd3ecebfbab8c4579e4f5a74e1cf67620752",
    keep=("./usr/share/wordnet/data.noun",),
    licence="WordNet",
    holder="Princeton University",
    gives="definitions of nouns, by topic",
)
ITEMS, QUESTIONS = 20_000, 600
_AT_ONCE = 256
# The numbers of WordNet's lexicographer files.
_LEFT_OUT = {5: "animals", 8: "the body", 13: "food", 20: "plants"}
_NAMES = {15, 18}  # places and persons: known or not known, not understood
_SHORTEST = 25


@dataclass(frozen=True)
class _Noun:
    topic: int
    words: tuple[str, ...]
    kinds: tuple[str, ...]
    definition: str


def definitions(cache: Path, encoder: Encoder, seed: int) -> Material:
    """20,000 definitions, 600 questions with and 600 without an answer among them."""
    packages.fetch(cache, (WORDNET,))
    nouns = _nouns(packages.unpacked(cache, WORDNET) / "usr/share/wordnet/data.noun")
    senses = Counter(word.lower() for noun in nouns.values() for word in noun.words)
    order = sorted(nouns)
    random.Random(seed).shuffle(order)
    fit = (noun for noun in map(nouns.__getitem__, order) if len(noun.definition) > _SHORTEST)
    there = [noun for noun in fit if noun.topic not in _LEFT_OUT][:ITEMS]
    clear = [noun for noun in map(nouns.__getitem__, order) if _is_clear(noun, senses)]
    asked = {noun.definition: _question(noun, nouns) for noun in clear}
    right = [
        Question(asked[noun.definition], frozenset({place}))
        for place, noun in enumerate(there)
        if noun.definition in asked and noun.topic not in _NAMES
    ]
    left_out = [Question(_question(n, nouns)) for n in clear if n.topic in _LEFT_OUT]
    texts = [noun.definition for noun in there]
    return Material(
        "words to passages",
        TEXT,
        texts,
        kept(cache / "no_match", "definitions", texts, lambda: encode(encoder, texts)),
        right[:QUESTIONS],
        {
            "a topic that was left out": left_out[:QUESTIONS],
            "another field": [Question(text) for text in ELSEWHERE],
            "words nobody wrote": [Question(text) for text in UNWRITTEN],
        },
    )


def encode(encoder: Encoder, texts: list[str]) -> Vectors:
    """The vectors of texts, told how far it is."""
    rows = []
    for start in range(0, len(texts), _AT_ONCE):
        rows.append(encoder.encode(of_texts(texts[start : start + _AT_ONCE])))
        print(f"{start} of {len(texts)} texts", end="\r", file=sys.stderr, flush=True)
    return np.concatenate(rows)


def _nouns(file: Path) -> dict[str, _Noun]:
    lines = file.read_text().splitlines()
    return dict(_noun(line) for line in lines if not line.startswith("  "))


def _noun(line: str) -> tuple[str, _Noun]:
    """One line of `data.noun`, whose form the manual page wndb(5WN) tells."""
    head, _, definition = line.partition(" | ")
    fields = head.split()
    count = int(fields[3], 16)
    words = tuple(fields[4 + 2 * number].replace("_", " ") for number in range(count))
    pointers = fields[5 + 2 * count :]
    kinds = (to for sign, to in zip(pointers[::4], pointers[1::4], strict=False) if sign in "@i")
    return fields[0], _Noun(int(fields[1]), words, tuple(kinds), definition.strip())


def _is_clear(noun: _Noun, senses: Counter[str]) -> bool:
    """Whether its words mean nothing else, and are no names."""
    return noun.words[0][0].islower() and all(senses[word.lower()] == 1 for word in noun.words)


def _question(noun: _Noun, nouns: dict[str, _Noun]) -> str:
    """The word, and where it does not say so its kind: "merino (domestic sheep)"."""
    kinds = _kinds(noun, nouns)
    kind = next(kinds, "")
    word = noun.words[0]
    return word if not kind or kind.split()[-1] in word else f"{word} ({kind})"


def _kinds(noun: _Noun, nouns: dict[str, _Noun]) -> Iterator[str]:
    return (nouns[key].words[0] for key in noun.kinds if key in nouns)
