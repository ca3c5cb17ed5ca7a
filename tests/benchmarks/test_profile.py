"""The profile watches functions that are there, and counts each for itself."""

import sys
import time
from collections.abc import Iterator

import pytest

from benchmarks.profile.stages import ACCEPT, QUESTION, WORK
from benchmarks.profile.watch import Stage, Stopwatch, owner_of, watching

_SHORT, _LONG = 0.01, 0.05


def outer() -> None:
    time.sleep(_SHORT)
    inner()


def inner() -> None:
    time.sleep(_LONG)


def numbers() -> Iterator[int]:
    for number in range(2):
        time.sleep(_SHORT)
        yield number


@pytest.mark.parametrize("stages", [QUESTION, ACCEPT, WORK])
def test_every_stage_names_functions_that_are_there(stages: tuple[Stage, ...]) -> None:
    for stage in stages:
        for place in stage.places:
            owner, name = owner_of(place)
            assert callable(getattr(owner, name)), place


@pytest.mark.alone
def test_a_stage_counts_without_those_within_it_and_is_let_go_afterwards() -> None:
    before = outer
    stages = (Stage("outer", (f"{__name__}:outer",)), Stage("inner", (f"{__name__}:inner",)))
    with watching(stages) as watch:
        started = time.perf_counter()
        sys.modules[__name__].outer()
        whole = time.perf_counter() - started
        seconds = watch.lap()
        assert watch.lap() == {}
    assert seconds["inner"] >= _LONG
    assert seconds["outer"] >= _SHORT
    assert seconds["outer"] + seconds["inner"] <= whole
    assert outer is before


@pytest.mark.alone
def test_of_a_generator_the_making_counts_and_not_the_using() -> None:
    with watching([Stage("numbers", (f"{__name__}:numbers",))]) as watch:
        started = time.perf_counter()
        for _ in sys.modules[__name__].numbers():
            time.sleep(_LONG)
        whole = time.perf_counter() - started
        seconds = watch.lap()
    assert 2 * _SHORT <= seconds["numbers"] <= whole - 2 * _LONG


def test_what_is_not_there_is_said() -> None:
    with (
        pytest.raises(AttributeError, match="no_such"),
        watching([Stage("x", (f"{__name__}:no_such",))]),
    ):
        pass


def test_a_call_that_fails_counts_as_well() -> None:
    watch = Stopwatch()
    with pytest.raises(ZeroDivisionError), watch.timing("failing"):
        _ = 1 / 0
    assert watch.lap()["failing"] > 0
