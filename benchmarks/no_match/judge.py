"""How often questions are said to have no good match, in a collection of a given size."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.no_match.material import Material, Question
from samespace.core.settings import Settings
from samespace.core.types import TEXT, Vectors
from search.background import Background, calibrate_query, measure_apart, measure_cohort
from search.parts import Query, TextPart
from search.verdict import chance_of, is_match, line_of, words_of

# What the line was before: a score, in spreads.
FORMER_LINE = 2.0
SMALL = 80
FOUND = 10


@dataclass(frozen=True)
class Collection:
    """Items of a material: their places in it, and the background that a query is judged by."""

    material: Material
    places: NDArray[np.intp]
    background: Background
    settings: Settings


@dataclass(frozen=True)
class Judged:
    """One question: whether it was said to have no good match, by the former rule, and whether the
    answer is among the best ten."""

    flagged: bool
    formerly: bool
    found: bool


def collect(
    material: Material, size: int, everyday: Vectors, settings: Settings, seed: int
) -> Collection:
    """A collection of so many items, the answers among them, and the rest by chance."""
    random = np.random.default_rng(seed)
    asked = questions_of(material, size)
    wanted = sorted({min(question.right) for question in asked})
    rest = random.permutation(np.setdiff1d(np.arange(len(material.vectors)), wanted))
    places = np.concatenate([wanted, rest])[:size].astype(np.intp)
    sample = material.vectors[random.permutation(places)[: settings.background_items]]
    cohort = measure_cohort(everyday, sample)
    is_text = material.modality == TEXT
    unrelated = measure_apart(everyday, everyday) if is_text else cohort
    return Collection(material, places, Background(sample, cohort, unrelated), settings)


def questions_of(material: Material, size: int) -> Sequence[Question]:
    """The questions whose answers a collection of this size holds."""
    return material.answered[: min(len(material.answered), SMALL if size <= 2 * SMALL else size)]


def judge(collection: Collection, question: Question, vector: NDArray[np.float32]) -> Judged:
    """Ask one question as a search does, every item compared."""
    material, settings = collection.material, collection.settings
    cosines = material.vectors[collection.places] @ vector
    best = np.argsort(-cosines)[: settings.candidates]
    found = [float(cosines[place]) for place in best]
    chance = chance_of(vector, collection.background, found, settings.candidates)
    assert chance is not None
    texts = [material.texts[collection.places[place]] for place in best]
    line = line_of(material.modality, settings.good_match)
    words = words_of(Query((TextPart(question.text),)))
    score = calibrate_query(vector, collection.background).calibrate(found[0])
    return Judged(
        flagged=not is_match(chance.stands_out(found[0]), words, texts, line),
        formerly=score < FORMER_LINE,
        found=bool(question.right & set(collection.places[best[:FOUND]].tolist())),
    )
