"""The vector cache on SQLite and PostgreSQL: what was put comes back bit for bit."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from samespace.store.sql import open_engine, writing
from samespace.store.vectors import VectorCache
from tests.store.sql_fixtures import database_url

__all__ = ["database_url"]

_BITS = st.integers(min_value=0, max_value=2**32 - 1)


@pytest.fixture
def cache(database_url: str) -> Iterator[VectorCache]:
    opened = VectorCache(database_url)
    yield opened
    opened.close()


def _hash(number: int) -> str:
    return f"{number:064x}"


def _vector(number: int, dim: int = 8) -> NDArray[np.float32]:
    return np.random.default_rng(number).standard_normal(dim, dtype=np.float32)


def test_nothing_is_found_in_an_empty_cache(cache: VectorCache) -> None:
    assert cache.get("fp", [_hash(1)]) == cache.get("fp", []) == {}
    cache.put("fp", {}, "float32")
    cache.delete([])
    assert cache.count() == 0


def test_a_vector_comes_back_under_its_encoder_and_content(cache: VectorCache) -> None:
    cache.put("fp1", {_hash(1): _vector(1), _hash(2): _vector(2)}, "float32")
    cache.put("fp2", {_hash(1): _vector(3, 4)}, "bfloat16")

    found = cache.get("fp1", [_hash(2), _hash(1), _hash(9)])

    assert set(found) == {_hash(1), _hash(2)}
    np.testing.assert_array_equal(found[_hash(1)], _vector(1), strict=True)
    np.testing.assert_array_equal(cache.get("fp2", [_hash(1)])[_hash(1)], _vector(3, 4))
    found[_hash(1)][0] = 0  # the caller's to write to


@given(raw=arrays(np.uint32, st.integers(1, 600), elements=_BITS))
@settings(max_examples=20, deadline=None, derandomize=True)
def test_every_bit_comes_back(raw: NDArray[np.uint32]) -> None:
    cache = VectorCache("sqlite://")
    cache.put("fp", {_hash(1): raw.view(np.float32)}, "float32")

    assert cache.get("fp", [_hash(1)])[_hash(1)].view(np.uint32).tolist() == raw.tolist()
    cache.close()


def test_a_slice_or_another_byte_order_comes_back_as_its_values(cache: VectorCache) -> None:
    wide = _vector(1, 16)
    cache.put("fp", {_hash(1): wide[::2], _hash(2): wide.astype(">f4")}, "float32")

    found = cache.get("fp", [_hash(1), _hash(2)])
    np.testing.assert_array_equal(found[_hash(1)], wide[::2])
    np.testing.assert_array_equal(found[_hash(2)], wide)


def test_present_ones_stay_as_they_are(cache: VectorCache) -> None:
    cache.put("fp", {_hash(1): _vector(1)}, "float32")
    cache.put("fp", {_hash(1): _vector(9), _hash(2): _vector(2)}, "bfloat16")

    np.testing.assert_array_equal(cache.get("fp", [_hash(1)])[_hash(1)], _vector(1))
    assert cache.count() == 2


def test_deleted_contents_are_gone_under_every_encoder(cache: VectorCache) -> None:
    for fingerprint in ("fp1", "fp2"):
        cache.put(fingerprint, {_hash(1): _vector(1), _hash(2): _vector(2)}, "float32")

    cache.delete(iter([_hash(1), _hash(9)]))

    assert (cache.count(), cache.count("fp1"), cache.count("fp9")) == (2, 1, 0)
    assert list(cache.get("fp2", [_hash(1), _hash(2)])) == [_hash(2)]


def test_two_thousand_at_once(cache: VectorCache) -> None:
    vectors = {_hash(number): _vector(number) for number in range(2000)}
    cache.put("fp", vectors, "float32")

    found = cache.get("fp", list(vectors))
    assert all((found[key] == vector).all() for key, vector in vectors.items())
    cache.delete(vectors)
    assert cache.count() == 0


def test_many_put_and_delete_the_same_at_once(cache: VectorCache) -> None:
    vectors = {_hash(number): _vector(number) for number in range(1200)}
    backwards = dict(reversed(vectors.items()))

    def work(number: int) -> None:
        for _ in range(5):
            cache.put("fp", vectors if number % 2 else backwards, "float32")
            if number > 3:
                cache.delete(vectors if number % 2 else backwards)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))

    cache.put("fp", vectors, "float32")
    assert cache.count() == 1200


def test_it_outlives_its_connections(database_url: str) -> None:
    first = VectorCache(database_url)
    first.put("fp", {_hash(1): _vector(1)}, "float32")
    first.close()

    second = VectorCache(database_url)
    assert list(second.get("fp", [_hash(1)])) == [_hash(1)]
    second.close()


def test_caches_that_open_together_make_one_table(database_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        caches = list(pool.map(VectorCache, [database_url] * 4))

    for cache in caches:
        assert cache.count() == 0
        cache.close()


def test_what_is_kept_is_listed_in_order_and_in_pages(cache: VectorCache) -> None:
    for fingerprint in ("fp2", "fp1"):
        cache.put(fingerprint, {_hash(n): _vector(n) for n in range(5)}, "float32")

    pages = list(cache.pages(time.time() + 60, size=3))

    kept = [(one.content_hash, one.fingerprint) for page in pages for one in page]
    assert kept == [(_hash(n), fingerprint) for n in range(5) for fingerprint in ("fp1", "fp2")]
    assert [len(page) for page in pages] == [3, 3, 3, 1]
    assert list(cache.pages(time.time() - 60)) == []


def test_pages_go_on_where_rows_are_dropped(cache: VectorCache) -> None:
    cache.put("fp", {_hash(n): _vector(n) for n in range(7)}, "float32")

    for page in cache.pages(time.time() + 60, size=2):
        cache.drop("fp", [one.content_hash for one in page])

    assert cache.count() == 0


def test_dropping_is_of_one_encoder_alone(cache: VectorCache) -> None:
    for fingerprint in ("fp1", "fp2"):
        cache.put(fingerprint, {_hash(1): _vector(1), _hash(2): _vector(2)}, "float32")

    cache.drop("fp1", [_hash(1), _hash(9)])

    assert list(cache.get("fp1", [_hash(1), _hash(2)])) == [_hash(2)]
    assert cache.count("fp2") == 2


@pytest.mark.alone
def test_a_second_opener_waits_for_no_writer(database_url: str, cache: VectorCache) -> None:
    cache.put("fp", {_hash(1): _vector(1)}, "float32")
    engine = open_engine(database_url)
    with writing(engine):
        began = time.monotonic()
        with closing(VectorCache(database_url)) as second:
            assert second.count() == 1
        assert time.monotonic() - began < 5
    engine.dispose()
