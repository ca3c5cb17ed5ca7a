"""What was asked last is not encoded again."""

import numpy as np
import pytest
from PIL import Image

from samespace.core.content import of_images, of_texts
from samespace.encoders.batcher import CACHED_ITEMS, BatchedEncoder
from samespace.encoders.query_cache import QueryCache, key_of
from tests.encoders.test_batcher import Words, vectors


def rows_of(kept: QueryCache, *texts: str) -> list[str]:
    """Ask for texts; which of them had to be encoded."""
    encoded: list[str] = []

    def encode(places: list[int]) -> np.ndarray:
        encoded.extend(texts[at] for at in places)
        return vectors([texts[at] for at in places])

    rows = kept.rows([key_of(each) for each in of_texts(texts)], encode)
    np.testing.assert_array_equal(rows, vectors(texts))
    return encoded


def test_each_text_is_encoded_once() -> None:
    kept = QueryCache()
    assert sorted(rows_of(kept, "a", "b", "a")) == ["a", "b"]
    assert rows_of(kept, "c", "b", "a") == ["c"]


def test_those_asked_for_last_are_kept() -> None:
    kept = QueryCache(2)
    rows_of(kept, "a", "b")
    rows_of(kept, "a")
    assert rows_of(kept, "c") == ["c"]
    assert len(kept) == 2
    assert rows_of(kept, "a", "c") == []
    assert rows_of(kept, "b") == ["b"]


def test_what_is_answered_may_be_changed_by_who_asked() -> None:
    kept = QueryCache()
    kept.rows([b"a"], lambda _: vectors(["a"]))[:] = 0
    np.testing.assert_array_equal(kept.rows([b"a"], lambda _: vectors(["b"])), vectors(["a"]))


def test_nothing_is_kept_of_what_fails() -> None:
    kept = QueryCache()

    def fail(_: list[int]) -> np.ndarray:
        raise MemoryError

    with pytest.raises(MemoryError):
        kept.rows([b"a"], fail)
    assert len(kept) == 0


def test_pictures_are_told_apart_by_their_pixels() -> None:
    red, blue = (Image.new("RGB", (4, 4), colour) for colour in ("red", "blue"))
    wide, high = Image.new("RGB", (8, 2), "red"), Image.new("RGB", (2, 8), "red")
    assert len({*map(key_of, of_images([red, blue, wide, high]))}) == 4
    assert len({*map(key_of, of_images([red, red.copy()]))}) == 1
    assert len({*map(key_of, of_texts(["a", "b", "a"]))}) == 2


def test_a_question_that_comes_again_costs_no_encoding() -> None:
    encoder = Words()
    batched = BatchedEncoder(encoder, 8)
    first = batched.encode(of_texts(["who wrote it", "when"]), interactive=True)
    again = batched.encode(of_texts(["when", "who wrote it"]), interactive=True)
    np.testing.assert_array_equal(again, first[::-1])
    picture = Image.new("RGB", (3, 4))
    for _ in range(2):
        batched.encode(of_images([picture]), interactive=True)
    assert sorted(map(len, encoder.batches)) == [1, 2]
    batched.close()


@pytest.mark.parametrize(("count", "interactive"), [(1, False), (CACHED_ITEMS + 1, True)])
def test_bulk_is_not_remembered(count: int, *, interactive: bool) -> None:
    encoder = Words()
    batched = BatchedEncoder(encoder, 100)
    texts = [f"text {number}" for number in range(count)]
    for _ in range(2):
        np.testing.assert_array_equal(
            batched.encode(of_texts(texts), interactive=interactive), vectors(texts)
        )
    assert sum(map(len, encoder.batches)) == 2 * count
    batched.close()
