"""How fast two sets of indexes answer, and how fast their models make vectors."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from PIL.Image import Image

from samespace.core.errors import Unsupported
from samespace.core.types import Modality
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


@dataclass(frozen=True, slots=True)
class Tried:
    """Some passages and RGB pictures that are encoded to see how fast that goes."""

    texts: Sequence[str]
    pictures: Sequence[Image]

    def count(self, modality: Modality) -> int:
        """How many there are of a modality."""
        return len(self.texts if modality is Modality.TEXT else self.pictures)


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
    to question; what was asked first, of each, is not counted. None for one that takes no words."""
    took: dict[bool, list[float]] = {True: [], False: []}
    for number, text in enumerate(words):
        for is_live in (number % 2 == 0, number % 2 == 1):
            side = sides.live if is_live else sides.other
            with suppress(Unsupported):
                answer = answer_whole(Query((TextPart(text),)), side, searcher)
                took[is_live].append(answer.took.total_ms)
        if not go_on():
            break
    return _latency(took[True][1:]), _latency(took[False][1:])


def vectors_a_second(side: Side, tried: Tried, searcher: Searcher) -> dict[Modality, float]:
    """For each modality the models of a side take, the vectors that they make in a second, in bulk."""
    vectors: dict[Modality, int] = {}
    seconds: dict[Modality, float] = {}
    for record in side.indexes:
        encoder = open_space(record, searcher.encoders).encoder
        for modality in record.modalities:
            if tried.count(modality):
                spent = _spent(encoder, modality, tried)
                seconds[modality] = seconds.get(modality, 0.0) + spent
                vectors[modality] = vectors.get(modality, 0) + tried.count(modality)
    return {each: vectors[each] / seconds[each] for each in seconds if seconds[each] > 0}


def _spent(encoder: SpaceEncoder, modality: Modality, tried: Tried) -> float:
    """Seconds to encode them; what is loaded with the first call is no part of that."""
    if modality is Modality.TEXT:
        prompted = [encoder.space.passage_prompt + text for text in tried.texts]
        encoder.encode_texts(prompted[:1])
        began = time.perf_counter()
        encoder.encode_texts(prompted)
    else:
        encoder.encode_images(tried.pictures[:1])
        began = time.perf_counter()
        encoder.encode_images(tried.pictures)
    return time.perf_counter() - began


def _latency(took: Sequence[float]) -> Latency | None:
    if not took:
        return None
    p50, p95 = np.percentile(took, [50, 95])
    return Latency(float(p50), float(p95), len(took))
