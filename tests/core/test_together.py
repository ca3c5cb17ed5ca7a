"""Calls made together: at the same time, in order, and known to whoever asks."""

import threading
from contextvars import ContextVar

import pytest

from samespace.core.together import together

_name: ContextVar[str] = ContextVar("name", default="nobody")


def test_calls_are_made_at_the_same_time_and_answer_in_order() -> None:
    met = threading.Barrier(3, timeout=10)

    def answer(number: int) -> int:
        met.wait()  # broken, and so an error, unless all three are here
        return number

    assert together([lambda n=n: answer(n) for n in range(3)]) == [0, 1, 2]  # type: ignore[misc]


def test_none_and_one_need_no_thread() -> None:
    assert together([]) == []
    assert together([threading.get_ident]) == [threading.get_ident()]


def test_all_know_who_asks() -> None:
    token = _name.set("somebody")
    try:
        assert together([_name.get, _name.get]) == ["somebody", "somebody"]
    finally:
        _name.reset(token)


@pytest.mark.parametrize("place", [0, 1])
def test_a_failure_is_raised_once_all_have_ended(place: int) -> None:
    ended = threading.Event()

    def fail() -> None:
        raise ValueError("this one")

    calls = [ended.set, ended.set]
    calls[place] = fail
    with pytest.raises(ValueError, match="this one"):
        together(calls)
    assert ended.is_set()
