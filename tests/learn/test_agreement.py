"""How alike two rankings are, by hand and by what holds for all."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samespace.learn.evaluate.agreement import overlap, rank_biased_overlap

RANKINGS = st.lists(st.sampled_from("abcdefghijklmnop"), unique=True, max_size=12)


def test_overlap_is_the_share_of_the_first_ten_that_both_have() -> None:
    assert overlap("abcdefghij", "jihgfedcba") == 1.0
    assert overlap("abcdefghijk", "abcdeVWXYZf") == 0.5
    assert overlap("ab", "abcd") == 0.5
    assert overlap("", "") == 1.0
    assert overlap("", "a") == 0.0


def test_rank_biased_overlap_by_hand() -> None:
    """Equation 32 in fractions: agreement 0/1, 2/2, 2/3 at depths 1 to 3, and 2/3 from there on."""
    p = Fraction(9, 10)
    wanted = (1 - p) / p * (0 * p + 1 * p**2 + Fraction(2, 3) * p**3) + Fraction(2, 3) * p**3

    assert rank_biased_overlap("abc", "bad") == pytest.approx(float(wanted))


def test_rank_biased_overlap_of_uneven_rankings_by_hand() -> None:
    """S = a, L = b a: X_1 = 0, X_2 = 1, s = 1, l = 2; nothing was seen to agree at s."""
    p = Fraction(1, 2)
    wanted = (1 - p) / p * (0 * p + Fraction(1, 2) * p**2) + (Fraction(1 - 0, 2) + 0) * p**2

    assert rank_biased_overlap("a", "ba", p=0.5) == pytest.approx(float(wanted))
    assert rank_biased_overlap("ba", "a", p=0.5) == pytest.approx(float(wanted))


def test_what_stands_first_counts_most() -> None:
    below = rank_biased_overlap("abcdefghij", "abcdefghXY")
    above = rank_biased_overlap("abcdefghij", "XYcdefghij")

    assert above < below < 1


@given(RANKINGS, RANKINGS)
def test_it_is_a_share_the_same_both_ways(one: list[str], other: list[str]) -> None:
    found = rank_biased_overlap(one, other)

    assert -1e-9 <= found <= 1 + 1e-9
    assert found == pytest.approx(rank_biased_overlap(other, one))


@given(RANKINGS)
def test_a_ranking_is_like_itself_and_like_none_that_shares_nothing(one: list[str]) -> None:
    strangers = [each.upper() for each in one]

    assert rank_biased_overlap(one, one) == pytest.approx(1.0)
    assert rank_biased_overlap(one, strangers) == (0.0 if one else 1.0)
