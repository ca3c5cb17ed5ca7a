"""Questions that pass by the batches."""

import threading
from collections.abc import Sequence
from functools import partial

import numpy as np
import pytest

from samespace.core.asker import Asker, asking
from samespace.core.content import Content, of_texts
from samespace.core.errors import GivenUp, TooLate, Unavailable
from samespace.core.types import Vectors
from samespace.encoders.batcher import INLINE_TOKENS, BatchedEncoder
from samespace.encoders.contents import texts_of
from samespace.encoders.query_executor import QueryExecutor
from tests.encoders.test_batcher import Words, in_background, vectors


class Answering(Words):
    """Takes queries beside its batches once `can` is set."""

    can = True

    def encode_query(self, contents: Sequence[Content]) -> Vectors | None:
        return vectors(texts_of(contents)) if self.can else None


def test_a_question_waits_for_no_batch() -> None:
    encoder = Answering()
    encoder.gate.clear()
    batched = BatchedEncoder(encoder, 8)
    [bulk] = in_background(lambda: batched.encode(of_texts(["bulk"])))
    assert encoder.entered.wait(60)
    rows = batched.encode(of_texts(["a question"]), interactive=True)
    np.testing.assert_array_equal(rows, vectors(["a question"]))
    assert encoder.batches == []
    encoder.gate.set()
    bulk.join()
    assert encoder.batches == [["bulk"]]
    assert batched.stats.items == 2
    batched.close()


@pytest.mark.parametrize(("can", "text"), [(False, "short"), (True, "x" * (INLINE_TOKENS // 50))])
def test_other_questions_go_into_batches(text: str, *, can: bool) -> None:
    encoder = Answering()
    encoder.can = can
    batched = BatchedEncoder(encoder, 100)
    texts = [f"{text} {number}" for number in range(60)]
    np.testing.assert_array_equal(batched.encode(of_texts(texts), interactive=True), vectors(texts))
    assert sum(map(len, encoder.batches)) == 60
    batched.close()


def test_after_close_nobody_is_answered() -> None:
    batched = BatchedEncoder(Answering(), 8)
    batched.close()
    with pytest.raises(Unavailable):
        batched.encode(of_texts(["a question"]), interactive=True)


class Held:
    """Answers when it is let; counts how many it was at once."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.entered = threading.Semaphore(0)

    def encode_query(self, contents: Sequence[Content]) -> Vectors:
        self.entered.release()
        assert self.gate.wait(60)
        return vectors(texts_of(contents))


@pytest.mark.parametrize("error", [TooLate, GivenUp])
def test_who_waits_no_more_is_let_go(error: type[Exception]) -> None:
    held = Held()
    executor = QueryExecutor(held.encode_query, 1, lambda _, __: None)
    threads = in_background(lambda: executor.rows(of_texts(["first"])))
    assert held.entered.acquire(timeout=60)
    threads += in_background(lambda: executor.rows(of_texts(["second"])))
    assert held.entered.acquire(timeout=60)
    asker = Asker(0.0)
    if error is TooLate:
        asker.begin()
    else:
        asker.leave()
    with asking(asker), pytest.raises(error):
        executor.rows(of_texts(["third"]))
    held.gate.set()
    for thread in threads:
        thread.join()
    executor.close()
    assert not held.entered.acquire(blocking=False), "the third was encoded for nobody"


def test_short_ones_that_wait_are_encoded_together_and_each_is_told_of_its_own() -> None:
    held, calls = Held(), list[list[str]]()

    def encode(contents: Sequence[Content]) -> Vectors:
        texts = texts_of(contents)
        calls.append(texts)
        rows = held.encode_query(contents)
        if "wrong" in texts:
            raise MemoryError
        return rows

    executor = QueryExecutor(encode, 1, lambda _, __: None)
    rows: dict[str, Vectors | None] = {}
    failed: list[str] = []

    def ask(*texts: str) -> None:
        try:
            rows[texts[0]] = executor.rows(of_texts(texts))
        except MemoryError:
            failed.append(texts[0])

    threads = []
    for number, texts in enumerate([["first"], ["second"]]):
        threads += in_background(partial(ask, *texts))
        assert held.entered.acquire(timeout=60), number
    for texts in (["third"], ["wrong"], ["fourth", "fifth"], ["x" * 2000]):
        waiting = len(executor._waiting)
        threads += in_background(partial(ask, *texts))
        while len(executor._waiting) == waiting:
            pass
    held.gate.set()
    for thread in threads:
        thread.join()
    executor.close()
    assert ["third", "wrong", "fourth", "fifth"] in calls
    assert ["x" * 2000] in calls
    assert failed == ["wrong"]
    for texts in (["first"], ["second"], ["third"], ["fourth", "fifth"], ["x" * 2000]):
        np.testing.assert_array_equal(rows[texts[0]], vectors(texts))


def test_what_still_waits_when_it_is_closed_is_answered() -> None:
    held = Held()
    executor = QueryExecutor(held.encode_query, 1, lambda _, __: None)
    rows: list[Vectors | None] = []

    def ask(text: str) -> None:
        rows.append(executor.rows(of_texts([text])))

    threads = []
    for text in ("first", "second"):
        threads += in_background(partial(ask, text))
        assert held.entered.acquire(timeout=60), text
    threads += in_background(partial(ask, "third"))
    while not executor._waiting:
        pass
    [closing] = in_background(executor.close)
    while not (executor._pool and executor._pool._shutdown):
        pass
    held.gate.set()
    for thread in (*threads, closing):
        thread.join(60)
        assert not thread.is_alive()
    assert len(rows) == 3


def test_what_fails_is_told_to_who_asked() -> None:
    def fail(_: Sequence[Content]) -> Vectors:
        raise MemoryError

    executor = QueryExecutor(fail, 1, lambda _, __: None)
    for _ in range(3):
        with pytest.raises(MemoryError):
            executor.rows(of_texts(["a"]))
    executor.close()
