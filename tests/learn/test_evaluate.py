"""Directions and measures against values worked out by hand; zero-shot; a gallery larger than a chunk."""

from pathlib import Path

import numpy as np
import pytest

from samespace.core.types import Vectors
from samespace.learn.evaluate.directions import (
    IMAGE_TO_IMAGE,
    IMAGE_TO_TEXT,
    TEXT_TO_IMAGE,
    TEXT_TO_TEXT,
    distinct_captions,
    judge,
    tasks_of,
)
from samespace.learn.evaluate.measures import MEASURES, measure, rank
from samespace.learn.evaluate.zeroshot import classes_of, judge_classes
from samespace.learn.pairs import Pair


def pair(name: str, *captions: str, group: str = "") -> Pair:
    return Pair(Path(name), captions, group)


def rows(*angles: float) -> Vectors:
    """Unit vectors in the plane at these degrees."""
    turned = np.radians(angles)
    return np.stack([np.cos(turned), np.sin(turned)], axis=1).astype(np.float32)


FROGS = (
    pair("frog-a", "a frog", "frog face", group="frog"),
    pair("frog-b", "A frog", group="frog"),
    pair("cat", "a cat", group="cat"),
)


def test_measures_of_a_ranking_by_hand() -> None:
    rankings = [[7, 3, 1], list(range(20)), [5], []]
    relevant = [{3, 9}, {19}, {5}, {1}]

    got = measure(rankings, relevant)

    assert tuple(got) == MEASURES
    np.testing.assert_allclose(got["recall@1"], [0, 0, 1, 0])
    np.testing.assert_allclose(got["recall@5"], [1, 0, 1, 0])
    np.testing.assert_allclose(got["recall@10"], [1, 0, 1, 0])
    np.testing.assert_allclose(got["mrr"], [1 / 2, 1 / 20, 1, 0])
    gained, ideal = 1 / np.log2(3), 1 + 1 / np.log2(3)
    np.testing.assert_allclose(got["ndcg@10"], [gained / ideal, 0, 1, 0])


def test_more_right_answers_than_places() -> None:
    got = measure([[500, 3, *range(600, 700)]], [set(range(400))])

    gains = 1 / np.log2(np.arange(2, 12))
    assert got["ndcg@10"][0] == pytest.approx(gains[1] / gains.sum())
    assert got["mrr"][0] == 0.5


def test_measures_do_not_depend_on_the_names_of_the_rows() -> None:
    """trec_eval would order equal scores by name, and "10" comes before "9"."""
    order = [11, 2, 10, 9, 1]
    for place, right in enumerate(order, 1):
        assert measure([order], [{right}])["mrr"][0] == pytest.approx(1 / place)


def test_rows_are_ranked_by_cosine_with_ties_by_place() -> None:
    gallery = rows(80, 10, 10, 45)

    assert rank(rows(0), gallery, leave_out=None).tolist() == [[1, 2, 3, 0]]
    assert rank(gallery[1:2], gallery, leave_out=np.array([1])).tolist() == [[2, 3, 0]]


def test_who_is_right_for_whom() -> None:
    assert distinct_captions(FROGS) == ("a frog", "frog face", "a cat")
    tasks = {task.direction: task for task in tasks_of(FROGS)}
    right = {name: [sorted(some) for some in task.right()] for name, task in tasks.items()}

    assert right[TEXT_TO_IMAGE] == right[IMAGE_TO_TEXT] == [[0, 1], [0], [2]]
    assert right[IMAGE_TO_IMAGE] == right[TEXT_TO_TEXT] == [[1], [0]]
    assert tasks[IMAGE_TO_IMAGE].queries.tolist() == tasks[TEXT_TO_TEXT].queries.tolist() == [0, 1]
    assert tasks[TEXT_TO_IMAGE].clusters.tolist() == [0, 0, 2]


def test_a_direction_without_queries_says_why() -> None:
    pairs = [pair("frog", "a frog"), pair("cat", "a cat")]
    absent = {task.direction: task.absent for task in tasks_of(pairs)}

    assert absent == {
        TEXT_TO_IMAGE: "",
        IMAGE_TO_TEXT: "",
        IMAGE_TO_IMAGE: "no two pictures are of one group",
        TEXT_TO_TEXT: "no two captions are of one picture or group",
    }
    assert set(judge(rows(0, 90), rows(0, 90), pairs)) == {TEXT_TO_IMAGE, IMAGE_TO_TEXT}


def test_all_four_directions_by_hand() -> None:
    pictures = rows(0, 40, 90)  # frog-a, frog-b, cat
    captions = rows(60, 10, 85)  # a frog, frog face, a cat

    got = judge(pictures, captions, FROGS)

    # "a frog" meets frog-b first, "frog face" frog-a, "a cat" the cat.
    assert got[TEXT_TO_IMAGE]["recall@1"].tolist() == [1, 1, 1]
    # frog-a meets "frog face" first, frog-b "a frog", the cat "a cat".
    assert got[IMAGE_TO_TEXT]["recall@1"].tolist() == [1, 1, 1]
    # Of frog-b's neighbours frog-a is nearer than the cat; of "a frog"'s, "a cat" is nearer.
    assert got[IMAGE_TO_IMAGE]["mrr"].tolist() == [1, 1]
    assert got[TEXT_TO_TEXT]["mrr"].tolist() == [1 / 2, 1]


def test_an_encoder_without_pictures_is_judged_on_words_alone() -> None:
    got = judge(None, rows(60, 10, 85), FROGS, query_rows=rows(10, 60, 85))

    assert set(got) == {TEXT_TO_TEXT}
    # As queries the two captions of the frogs lie where the other one's passage lies.
    assert got[TEXT_TO_TEXT]["recall@1"].tolist() == [1, 1]


def test_chance_and_certainty_over_more_queries_than_a_chunk() -> None:
    random = np.random.default_rng(7)
    drawn = random.normal(size=(1300, 64)).astype(np.float32)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    pairs = [pair(f"{i}.png", f"caption {i}") for i in range(1300)]

    sure = judge(drawn, drawn, pairs)
    blind = judge(drawn, np.roll(drawn, 1, axis=0), pairs)

    assert sure[TEXT_TO_IMAGE]["recall@1"].mean() == 1
    assert blind[IMAGE_TO_TEXT]["recall@1"].mean() == 0
    assert blind[IMAGE_TO_TEXT]["recall@10"].mean() == pytest.approx(10 / 1300, abs=0.01)


def test_zero_shot_by_hand() -> None:
    pairs = [*FROGS, pair("thing", "a thing"), pair("dog", "a dog", group="dog")]

    got = judge_classes(rows(0, 40, 90, 45, 80), rows(90, 45, 0), pairs)

    assert classes_of(pairs) == got.classes == ("cat", "dog", "frog")
    assert got.correct.tolist() == [1, 0, 1, 0]
    assert got.confusion.tolist() == [[1, 0, 0], [1, 0, 0], [0, 1, 1]]
    assert got.most_confused(10) == [("dog", "cat", 1), ("frog", "dog", 1)]
