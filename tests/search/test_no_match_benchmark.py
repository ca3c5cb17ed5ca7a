"""The benchmark of "nothing fits well" asks what it says it asks."""

from collections import Counter

import numpy as np

from benchmarks.no_match.definitions import _is_clear, _noun, _question
from benchmarks.no_match.judge import collect, judge, questions_of
from benchmarks.no_match.material import Material, Question
from samespace.core.settings import Settings
from samespace.core.types import TEXT, Vectors

LINES = (
    '02411705 05 n 02 sheep 0 mutton_maker 0 001 @ 02411000 n 0000 | woolly ruminant; "a flock"  ',
    "02412210 05 n 01 merino 0 002 @ 02411705 n 0000 -c 00000001 n 0000 | white sheep of Spain  ",
)


def unit_rows(count: int, seed: int) -> Vectors:
    rows = np.random.default_rng(seed).normal(size=(count, 64))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def test_a_line_of_wordnet_becomes_a_definition_and_its_question() -> None:
    nouns = dict(map(_noun, LINES))
    sheep, merino = nouns["02411705"], nouns["02412210"]
    assert (sheep.topic, sheep.words) == (5, ("sheep", "mutton maker"))
    assert merino.definition == "white sheep of Spain"
    assert _question(merino, nouns) == "merino (sheep)"
    assert _question(sheep, nouns) == "sheep"
    assert _is_clear(merino, Counter({"merino": 1}))
    assert not _is_clear(merino, Counter({"merino": 2}))


def test_a_collection_holds_the_answers_and_tells_what_has_none() -> None:
    items, everyday = unit_rows(3000, 1), unit_rows(70, 2)
    answered = [Question(f"question {n}", frozenset({2900 + n})) for n in range(90)]
    material = Material("m", TEXT, [""] * 3000, items, answered, {})
    collection = collect(material, 100, everyday, Settings(good_match=3.0), seed=3)
    assert len(collection.places) == 100
    assert set(range(2900, 2980)) <= set(collection.places.tolist())
    assert len(questions_of(material, 100)) == 80
    found = judge(collection, answered[0], items[2900])
    assert (found.flagged, found.found) == (False, True)
    far = [judge(collection, Question("nothing"), -items[2900 + n]) for n in range(80)]
    assert not any(each.found for each in far)
    assert all(each.flagged for each in far)
