"""The batcher on an encoder small enough to see through."""

import threading
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from samespace.core.asker import Asker, asking
from samespace.core.content import Content, of_images, of_texts
from samespace.core.errors import GivenUp, TooLate, Unavailable, Unreadable, Unsupported
from samespace.core.types import IMAGE, TEXT, Vectors
from samespace.encoders.batcher import BatchedEncoder, is_out_of_memory
from samespace.encoders.contents import encode_by, texts_of
from samespace.encoders.presets import STARTER
from samespace.encoders.rows import unit_rows

SLOW = HealthCheck.too_slow  # says how busy the machine is, not how good the test
MODEL = replace(STARTER, dim=4, max_tokens=100)


class Words:
    """Encodes a text by its checksum; can be held up, and runs out of memory past `room` items."""

    space = MODEL
    fingerprint = "words"
    precision = "float32"
    scale = 1.0
    bias = 0.0

    def __init__(self, room: int = 1000) -> None:
        self.room = room
        self.batches: list[list[str]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()

    def encode(self, contents: Sequence[Content]) -> Vectors:
        return encode_by({TEXT: self._texts, IMAGE: self._images}, contents, self.space)

    def _texts(self, contents: Sequence[Content]) -> Vectors:
        self.entered.set()
        assert self.gate.wait(10)
        texts = texts_of(contents)
        if len(texts) > self.room:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
        if "bad" in texts:
            raise Unreadable("bad cannot be encoded")
        self.batches.append(texts)
        return vectors(texts)

    def _images(self, contents: Sequence[Content]) -> Vectors:
        self.batches.append([str(each.image.size) for each in contents])
        return vectors(self.batches[-1])

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text) for text in texts]

    def tokenizer_json(self) -> str:
        return "{}"


def vectors(texts: Sequence[str]) -> Vectors:
    seeds = [zlib.crc32(text.encode()) for text in texts]
    rows = [np.random.default_rng(seed).normal(size=4) for seed in seeds]
    return unit_rows(np.array(rows).reshape(-1, 4), 4)


def in_background(*calls: Callable[[], object]) -> list[threading.Thread]:
    threads = [threading.Thread(target=call, daemon=True) for call in calls]
    for thread in threads:
        thread.start()
    return threads


def until(condition: Callable[[], bool]) -> None:
    tick = threading.Event()
    for _ in range(1000):
        if condition():
            return
        tick.wait(0.005)
    raise AssertionError("it never came true")


@settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=[SLOW])
@given(
    calls=st.lists(st.lists(st.text(max_size=12), max_size=20), min_size=1, max_size=6),
    batch_size=st.integers(1, 9),
    room=st.integers(1, 9),
)
def test_every_caller_gets_its_rows_in_order(
    calls: list[list[str]], batch_size: int, room: int
) -> None:
    batched = BatchedEncoder(Words(room), batch_size)
    with ThreadPoolExecutor(len(calls)) as pool:
        answers = list(pool.map(batched.encode, map(of_texts, calls)))
    batched.close()
    for texts, rows in zip(calls, answers, strict=True):
        np.testing.assert_array_equal(rows, vectors(texts))
    assert batched.stats.items == sum(map(len, calls))


def test_callers_share_batches() -> None:
    encoder = Words()
    encoder.gate.clear()
    batched = BatchedEncoder(encoder, 8)
    first = in_background(lambda: batched.encode(of_texts(["held"])))
    assert encoder.entered.wait(5)
    rest = in_background(*(lambda i=i: batched.encode(of_texts([f"text {i}"])) for i in range(8)))
    until(lambda: batched.stats.waiting == 8)
    encoder.gate.set()
    for thread in first + rest:
        thread.join()
    assert [len(batch) for batch in encoder.batches] == [1, 8]
    assert batched.stats.fill == 9 / 16


def test_alike_lengths_go_together_and_the_oldest_goes_first() -> None:
    encoder = Words()
    batched = BatchedEncoder(encoder, 3)
    texts = ["m" * 10, "s", "l" * 50, "m" * 11, "s" * 2, "l" * 51, "m" * 12, "s" * 3, "l" * 52]
    batched.encode(of_texts(texts))
    kinds = ["".join(sorted(text[0] for text in batch)) for batch in encoder.batches]
    assert kinds == ["mmm", "sss", "lll"]


def test_a_question_passes_the_bulk() -> None:
    encoder = Words()
    encoder.gate.clear()
    batched = BatchedEncoder(encoder, 4)
    held = in_background(lambda: batched.encode(of_texts(["held"])))
    assert encoder.entered.wait(5)
    bulk = in_background(lambda: batched.encode(of_texts([f"bulk {i}" for i in range(8)])))
    until(lambda: batched.stats.waiting == 8)
    asked = in_background(lambda: batched.encode(of_texts(["question"]), interactive=True))
    until(lambda: batched.stats.waiting == 9)
    encoder.gate.set()
    for thread in held + bulk + asked:
        thread.join()
    assert encoder.batches[1] == ["question"]


def test_bulk_is_bounded_in_time_and_a_question_is_not() -> None:
    encoder = Words()
    batched = BatchedEncoder(encoder, 32, bulk_seconds=1e-9)
    batched.encode(of_texts(["a", "b", "c"]))
    batched.encode(of_texts(["d", "e", "f"]), interactive=True)
    assert [len(batch) for batch in encoder.batches] == [1, 1, 1, 3]


def held(encoder: Words, batch_size: int = 4) -> tuple[BatchedEncoder, list[threading.Thread]]:
    """A batcher whose encoder is held up by a first text."""
    encoder.gate.clear()
    batched = BatchedEncoder(encoder, batch_size)
    threads = in_background(lambda: batched.encode(of_texts(["held"])))
    assert encoder.entered.wait(5)
    return batched, threads


def test_a_question_that_would_take_long_goes_with_the_bulk() -> None:
    encoder = Words()
    batched, threads = held(encoder)
    large = [
        f"prompt {i:03}" for i in range(200)
    ]  # 2000 tokens, a second at the throughput assumed first
    threads += in_background(lambda: batched.encode(of_texts(large), interactive=True))
    until(lambda: batched.stats.waiting == 200)
    threads += in_background(lambda: batched.encode(of_texts(["a", "question"]), interactive=True))
    until(lambda: batched.stats.waiting == 202)
    encoder.gate.set()
    for thread in threads:
        thread.join()
    assert sorted(encoder.batches[1]) == ["a", "question"]


def test_one_item_is_a_question_however_long_it_takes() -> None:
    encoder = Words()
    batched, threads = held(encoder)
    threads += in_background(lambda: batched.encode(of_texts(["bulk"] * 8)))
    until(lambda: batched.stats.waiting == 8)
    question = "q" * 100  # as much as the space reads
    batched._throughput[TEXT] = 1.0
    threads += in_background(lambda: batched.encode(of_texts([question]), interactive=True))
    until(lambda: batched.stats.waiting == 9)
    encoder.gate.set()
    for thread in threads:
        thread.join()
    assert encoder.batches[1] == [question]


def test_a_small_call_does_not_wait_for_all_of_a_large_one() -> None:
    encoder = Words()
    batched, threads = held(encoder)
    threads += in_background(lambda: batched.encode(of_texts([f"large {i:02}" for i in range(80)])))
    until(lambda: batched.stats.waiting == 80)
    threads += in_background(lambda: batched.encode(of_texts([f"small {i:02}" for i in range(8)])))
    until(lambda: batched.stats.waiting == 88)
    encoder.gate.set()
    for thread in threads:
        thread.join()
    order = [text.split()[0] for batch in encoder.batches[1:] for text in batch]
    last = max(place for place, kind in enumerate(order) if kind == "small")
    assert last < 20  # 8 of each, in batches of 4


def test_bulk_goes_on_where_questions_never_end() -> None:
    encoder = Words()
    batched, threads = held(encoder, 1)
    threads += in_background(lambda: batched.encode(of_texts(["bulk"])))
    until(lambda: batched.stats.waiting == 1)
    questions = (
        lambda: batched.encode(of_texts(["question"]), interactive=True) for _ in range(30)
    )
    threads += in_background(*questions)
    until(lambda: batched.stats.waiting == 31)
    encoder.gate.set()
    for thread in threads:
        thread.join()
    assert encoder.batches.index(["bulk"]) == 11  # held, ten questions


def test_what_nobody_waits_for_any_more_is_dropped() -> None:
    encoder = Words()
    batched, threads = held(encoder)
    who = Asker()
    errors: list[BaseException] = []

    def ask() -> None:
        with asking(who):
            try:
                batched.encode(of_texts(["x"] * 1000), interactive=True)
            except GivenUp as error:
                errors.append(error)

    asked = in_background(ask)
    threads += in_background(lambda: batched.encode(of_texts(["other"])))
    until(lambda: batched.stats.waiting == 1001)
    who.leave()
    asked[0].join()
    assert len(errors) == 1
    assert batched.stats.waiting == 1
    encoder.gate.set()
    for thread in threads:
        thread.join()
    assert encoder.batches == [["held"], ["other"]]


def test_nobody_waits_longer_than_the_one_who_asked() -> None:
    encoder = Words()
    batched, threads = held(encoder)
    who = Asker(0.05)
    who.begin()
    with asking(who), pytest.raises(TooLate, match=r"^there was no answer within 0\.05 seconds"):
        batched.encode(of_texts(["late"]))
    assert batched.stats.waiting == 0
    with asking(who), pytest.raises(TooLate):  # not even begun
        batched.encode(of_texts(["later"]))
    encoder.gate.set()
    threads[0].join()
    np.testing.assert_array_equal(batched.encode(of_texts(["next"])), vectors(["next"]))
    assert encoder.batches == [["held"], ["next"]]


def test_out_of_memory_halves_and_goes_on() -> None:
    encoder = Words(room=3)
    batched = BatchedEncoder(encoder, 16, bulk_seconds=1000)
    texts = [f"text {i:02}" for i in range(32)]
    np.testing.assert_array_equal(batched.encode(of_texts(texts)), vectors(texts))
    assert max(map(len, encoder.batches)) <= 3
    assert batched.stats.halvings == 3  # 16, 8, 4: learnt once, not again for the second 16


def test_out_of_memory_for_one_item_reaches_its_caller_alone() -> None:
    batched = BatchedEncoder(Words(room=0), 4)
    with pytest.raises(RuntimeError, match="out of memory"):
        batched.encode(of_texts(["a", "b"]))


def test_one_bad_item_fails_its_caller_and_nobody_else() -> None:
    encoder = Words()
    encoder.gate.clear()
    batched = BatchedEncoder(encoder, 16)
    held = in_background(lambda: batched.encode(of_texts(["held"])))
    assert encoder.entered.wait(5)
    with ThreadPoolExecutor(3) as pool:
        good = pool.submit(batched.encode, of_texts(["one", "two"]))
        bad = pool.submit(batched.encode, of_texts(["three", "bad", "four"]))
        other = pool.submit(batched.encode, of_texts(["five"]))
        until(lambda: batched.stats.waiting == 6)
        encoder.gate.set()
    held[0].join()
    np.testing.assert_array_equal(good.result(), vectors(["one", "two"]))
    np.testing.assert_array_equal(other.result(), vectors(["five"]))
    with pytest.raises(Unreadable) as caught:
        bad.result()
    assert caught.value.__notes__ == ["item 1 of 3 could not be encoded"]


def test_close_drains_and_then_refuses() -> None:
    encoder = Words()
    encoder.gate.clear()
    batched = BatchedEncoder(encoder, 2)
    with ThreadPoolExecutor(1) as pool:
        last = pool.submit(batched.encode, of_texts(["a", "b", "c", "d", "e"]))
        assert encoder.entered.wait(5)
        encoder.gate.set()
        batched.close()
        np.testing.assert_array_equal(last.result(), vectors(["a", "b", "c", "d", "e"]))
    with pytest.raises(Unavailable, match="closed"):
        batched.encode(of_texts(["late"]))


def test_a_modality_the_space_lacks_is_refused_at_once() -> None:
    encoder = Words()
    encoder.space = replace(MODEL, modalities=frozenset({TEXT}))
    with pytest.raises(Unsupported, match="image"):
        BatchedEncoder(encoder, 2).encode(of_images([Image.new("RGB", (2, 2))]))


def test_pictures_go_the_same_way() -> None:
    images = [Image.new("RGB", (n, 2)) for n in range(1, 6)]
    rows = BatchedEncoder(Words(), 2).encode(of_images(images))
    np.testing.assert_array_equal(rows, vectors([str(image.size) for image in images]))


@pytest.mark.parametrize(
    ("error", "expected"),
    [(MemoryError(), True), (RuntimeError("HIP out of memory"), True), (ValueError("no"), False)],
)
def test_what_counts_as_out_of_memory(error: Exception, *, expected: bool) -> None:
    assert is_out_of_memory(error) is expected
