"""Intervals hold what they promise: coverage, pairing, clusters."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samespace.core.errors import InvalidRequest
from samespace.learn.evaluate.bootstrap import interval, paired_interval


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    random = np.random.default_rng(1)
    covered = 0
    for seed in range(200):
        got = interval((random.random(150) < 0.3).astype(float), seed)
        covered += got.low <= 0.3 <= got.high
    assert 0.90 <= covered / 200 <= 0.99


def test_the_same_seed_gives_the_same_interval_and_another_seed_another() -> None:
    values = np.random.default_rng(2).random(50)

    assert interval(values, 3) == interval(values, 3)
    assert interval(values, 3) != interval(values, 4)


@settings(derandomize=True, deadline=None, max_examples=30)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.integers(0, 99))
def test_the_bounds_lie_around_the_mean_and_within_the_values(
    values: list[float], seed: int
) -> None:
    got = interval(np.array(values), seed)

    assert min(values) - 1e-12 <= got.low <= got.high <= max(values) + 1e-12
    assert got.value == pytest.approx(np.mean(values))


def test_pairing_sees_a_small_steady_difference_that_two_intervals_do_not() -> None:
    b = np.random.default_rng(5).random(100)
    a = b + 0.02

    got = paired_interval(a, b, 0)

    assert got.difference.low == pytest.approx(0.02)
    assert got.difference.high == pytest.approx(0.02)
    assert 1 < got.ratio.low < got.ratio.value == pytest.approx(a.mean() / b.mean())
    assert interval(a, 0).low < interval(b, 0).high


def test_a_ratio_over_nothing() -> None:
    some, none = np.array([1.0, 0.0]), np.zeros(2)

    assert paired_interval(some, none, 0).ratio.value == np.inf
    assert paired_interval(none, none, 0).ratio.high == 1


def test_queries_of_one_picture_count_as_one() -> None:
    """Ten copies of each value add no knowledge; drawn singly they would seem to."""
    values = np.random.default_rng(6).random(30)
    copied, clusters = np.repeat(values, 10), np.repeat(np.arange(30), 10)

    alone, together = interval(values, 0), interval(copied, 0, clusters)

    assert (together.low, together.high) == pytest.approx((alone.low, alone.high))
    naive = interval(copied, 0)
    assert naive.high - naive.low < 0.5 * (alone.high - alone.low)


def test_what_cannot_be_averaged_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="no query"):
        interval(np.empty(0), 0)
    with pytest.raises(InvalidRequest, match="2 values cannot be paired with 1"):
        paired_interval(np.ones(2), np.ones(1), 0)
