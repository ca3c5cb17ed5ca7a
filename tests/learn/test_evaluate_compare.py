"""What is said of two sides, and when nothing is."""

import pytest

from samespace.learn.evaluate.compare import FEWEST, Compared, compare_judged, share_judged, verdict
from samespace.learn.evaluate.tally import Tally, sign_test, tally
from samespace.learn.evaluate.tally import verdict as verdict_of_marks

RIGHT = [{"r"}]


def compared(live: list[str], other: list[str], queries: int) -> Compared:
    """So many queries answered alike, every second by the other side as by the live one."""
    lives = [live] * queries
    others = [other if i % 2 else live for i in range(queries)]
    return Compared(queries, compare_judged(lives, others, RIGHT * queries, seed=1))


def test_measures_of_both_and_their_difference() -> None:
    found = compared(["x", "r"], ["r", "x"], 40).measures

    assert (found["recall@1"].live, found["recall@1"].other) == (0.0, 0.5)
    assert found["recall@1"].better_by.value == 0.5
    assert found["mrr"].live == 0.5
    assert found["mrr"].other == 0.75
    assert 0.3 < found["recall@1"].better_by.low < 0.5 < found["recall@1"].better_by.high < 0.7


def test_a_better_side_is_named_with_the_interval() -> None:
    better = compared(["x", "r"], ["r", "x"], 40)
    worse = compared(["r", "x"], ["x", "r"], 40)

    assert verdict(better, "old", "new").startswith("new is better than old by 0.18")
    assert verdict(worse, "old", "new").startswith("old is better than new by 0.18")
    assert verdict(worse, "old", "new").endswith("on 40 judged queries")
    assert "-" not in verdict(worse, "old", "new").partition("[")[2]


def test_an_interval_around_nothing_tells_nothing() -> None:
    lives = [["x", "r"] if i % 2 else ["r", "x"] for i in range(40)]
    others = [["r", "x"] if i % 2 else ["x", "r"] for i in range(40)]
    found = Compared(40, compare_judged(lives, others, RIGHT * 40, seed=1))

    assert verdict(found, "old", "new").startswith(
        "no difference can be told with 40 judged queries"
    )


def test_few_queries_tell_nothing_however_they_come_out() -> None:
    found = compared(["x", "r"], ["r", "x"], FEWEST - 1)
    one = Compared(1, compare_judged([["x"]], [["r"]], RIGHT, seed=1))

    assert found.measures["ndcg@10"].is_told
    assert "too few; judge at least 20 (so far new is ahead by 0.17" in verdict(found, "old", "new")
    assert verdict(one, "old", "new").startswith(
        "no difference can be told with 1 judged query, which is"
    )


def test_the_share_of_answers_that_anybody_judged() -> None:
    assert share_judged([["a", "b"], ["c"]], [{"a"}, set()]) == 0.25
    assert share_judged([[]], [set()]) == 1.0


@pytest.mark.parametrize(
    ("one", "other", "chance"), [(0, 0, 1.0), (5, 5, 1.0), (9, 1, 22 / 1024), (0, 6, 2 / 64)]
)
def test_the_sign_test_is_exact(one: int, other: int, chance: float) -> None:
    assert sign_test(one, other) == pytest.approx(chance)
    assert sign_test(other, one) == pytest.approx(chance)


def test_marks_are_counted_and_told_from_chance() -> None:
    marks = [("b", True)] * 9 + [("a", False), (None, True), ("gone", True)]
    found = tally(marks, "a", "b")

    assert found == Tally(live=1, other=9, same=1, blind=10)
    assert verdict_of_marks(found, "old", "new").startswith("side by side: new is preferred")
    assert "no difference" in verdict_of_marks(Tally(live=2, other=3), "old", "new")
    assert verdict_of_marks(Tally(), "old", "new") == ""
