"""Things made ahead: in order, bounded, and no thread left behind."""

import threading
from collections.abc import Generator

import pytest

from ingest.ahead import read_ahead


def test_all_come_in_order_and_the_thread_ends() -> None:
    before = threading.active_count()
    assert list(read_ahead(iter(range(100)), 3)) == list(range(100))
    assert list(read_ahead(iter(()))) == []
    assert threading.active_count() == before


def test_no_more_than_allowed_are_made_ahead() -> None:
    made: list[int] = []
    begun = threading.Semaphore(0)

    def numbers() -> Generator[int]:
        for number in range(10):
            made.append(number)
            begun.release()
            yield number

    ahead = read_ahead(numbers(), 2)
    assert next(ahead) == 0
    for _ in range(3):
        assert begun.acquire(timeout=10)
    assert not begun.acquire(timeout=0.05)
    assert made == [0, 1, 2]
    ahead.close()
    assert made == [0, 1, 2]


def test_an_error_comes_in_its_place() -> None:
    def broken() -> Generator[int]:
        yield 1
        raise ValueError("no second one")

    ahead = read_ahead(broken(), 5)
    assert next(ahead) == 1
    with pytest.raises(ValueError, match="no second one"):
        next(ahead)


def test_closing_waits_for_what_is_being_made_and_closes_its_source() -> None:
    ended: list[str] = []
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> Generator[int]:
        try:
            yield 1
            begun.set()
            assert go_on.wait(10)
            ended.append("made")
            yield 2
        finally:
            ended.append("closed")

    ahead = read_ahead(slow())
    assert next(ahead) == 1
    assert begun.wait(10)
    threading.Timer(0.05, go_on.set).start()
    ahead.close()
    assert ended == ["made", "closed"]
