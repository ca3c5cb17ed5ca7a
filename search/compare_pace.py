"""How fast two sets of indexes answer, and how fast their models make vectors."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from samespace.core.content import Content
from samespace.core.errors import Unsupported
from samespace.core.types import Modality
from samespace.encoders.contents import encode
from search.cohort import GENERIC
from search.compare import answer_whole
from search.parts import Query, TextPart
from search.searcher import Searcher
from search.sides import Side, Sides
from search.spaces import SpaceEncoder, open_space

QUESTIONS = 50
TRIED = 64
"""Passages, and pictures, that are encoded to see how fast that goes."""
_WORDS = 8
_ROUNDS = 2
_ENOUGH_SECONDS = 0.5
_TIMING_SECONDS = 15.0
_FEWEST = 10


Tried: TypeAlias = Mapping[Modality, Sequence[Content]]
"""Some of what a collection holds, by modality, that is encoded to see how fast that goes."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from a question in words to its answer: half of so many took at most `p50_ms`, 95% at most
    `p95_ms`."""

    p50_ms: float
    p95_ms: float
    questions: int


def fresh_words(texts: Sequence[str], mark: str) -> list[str]:
    """QUESTIONS questions in words that nobody asked before, so that no cache knows them: the beginnings of these
    texts, or everyday words, each with a mark and a number."""
    known = [" ".join(text.split()[:_WORDS]) for text in texts] or list(GENERIC)
    return [f"{known[i % len(known)]} {mark}{i}" for i in range(QUESTIONS)]


def time_sides(
    words: Sequence[str], sides: Sides, searcher: Searcher, go_on: Callable[[], bool]
) -> tuple[Latency | None, Latency | None]:
    """How long each side takes for an ordinary first page, asked in turns, which of them first changing from question
    to question, as many as _TIMING_SECONDS have room for; what was asked first, of each, is not counted. None for one
    that takes no words."""
    took: dict[bool, list[float]] = {True: [], False: []}
    until = time.monotonic() + _TIMING_SECONDS
    for number, text in enumerate(words):
        for is_live in (number % 2 == 0, number % 2 == 1):
            side = sides.live if is_live else sides.other
            with suppress(Unsupported):
                answer = answer_whole(Query((TextPart(text),)), side, searcher)
                took[is_live].append(answer.took.total_ms)
        if not go_on() or (number >= _FEWEST and time.monotonic() > until):
            break
    return _latency(took[True][1:]), _latency(took[False][1:])


def vectors_a_second(
    sides: Sides, tried: Tried, searcher: Searcher
) -> tuple[dict[Modality, float], dict[Modality, float]]:
    """For each modality the models of each side take, the vectors that they make in a second, in bulk: the faster of
    two rounds, in turns, so that what else the machine does meets both."""
    rounds = [
        (_paces(sides.live, tried, searcher), _paces(sides.other, tried, searcher))
        for _ in range(_ROUNDS)
    ]
    live, other = (
        {modality: max(one[at][modality] for one in rounds) for modality in rounds[0][at]}
        for at in (0, 1)
    )
    return live, other


def _paces(side: Side, tried: Tried, searcher: Searcher) -> dict[Modality, float]:
    """Vectors a second of all models of a side that take a modality, one after the other."""
    seconds: dict[Modality, list[float]] = {}
    for record in side.indexes:
        encoder = open_space(record, searcher.encoders).encoder
        for modality in record.modalities:
            if tried.get(modality):
                seconds.setdefault(modality, []).append(_seconds(encoder, tried[modality]))
    return {modality: len(each) / sum(each) for modality, each in seconds.items()}


def _seconds(encoder: SpaceEncoder, contents: Sequence[Content]) -> float:
    """What an item takes in bulk: of more and more at a time, until that takes long enough to be measured; what is
    loaded with the first is no part of it."""
    size = 1
    while True:
        some = contents[:size]
        began = time.perf_counter()
        encode(some, encoder)
        spent = time.perf_counter() - began
        if size > 1 and (spent > _ENOUGH_SECONDS or size >= len(contents)):
            return max(spent, 1e-6) / len(some)
        size *= 4


def _latency(took: Sequence[float]) -> Latency | None:
    if not took:
        return None
    p50, p95 = np.percentile(took, [50, 95])
    return Latency(float(p50), float(p95), len(took))
