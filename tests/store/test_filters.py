"""The filter language: what it refuses, what it means, and that every index means the same."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samespace.core.errors import InvalidRequest
from samespace.core.types import Modality, Place
from samespace.store.expressions import compile_filter
from samespace.store.facets import check_metadata
from samespace.store.filters import MAX_TERMS, matches, parse_filter
from samespace.store.index import Index
from tests.store.rows import make_row, make_vectors


def fits(source: object, **changes: Any) -> bool:
    return matches(parse_filter(source), make_row(0, **changes))


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ([], "object"),
        ({}, "at least one"),
        ({"year": {}}, "no operator"),
        ({"year": {"like": "x"}}, "like"),
        ({"year": {"eq": None}}, "use exists"),
        ({"year": {"eq": [1]}}, "year"),
        ({"year": {"in": []}}, "list of 1"),
        ({"year": {"in": "abc"}}, "list of 1"),
        ({"year": {"gt": True}}, "text or a number"),
        ({"year": {"exists": 1}}, "true or false"),
        ({"year": float("nan")}, "out of range"),
        ({"year": 10**400}, "out of range"),
        ({"year": "\x00"}, "control character"),
        ({"year": "\ud800"}, "control character"),
        ({"year": "x" * 1025}, "1024"),
        ({'a"] or 1 == 1': 1}, "not a name"),
        ({"a b": 1}, "not a name"),
        ({"a..b": 1}, "not a name"),
        ({"": 1}, "not a name"),
        ({1: 1}, "not a field"),
        ({"$vector": 1}, r"\$document"),
        ({"$page": "1"}, "whole number"),
        ({"$page": True}, "whole number"),
        ({"$page": 1.5}, "whole number"),
        ({"$document": 1}, "a text"),
        ({"$document": False}, "a text"),
        ({"and": {}}, "list"),
        ({"or": []}, "list"),
        ({"not": []}, "object"),
        ({"k": {"in": list(range(MAX_TERMS))}, "l": 1}, f"{MAX_TERMS + 1} comparisons"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(source: object, says: str) -> None:
    with pytest.raises(InvalidRequest, match=says):
        parse_filter(source)


def test_depth_is_bounded() -> None:
    source: object = {"a": 1}
    for _ in range(8):
        source = {"not": source}
    with pytest.raises(InvalidRequest, match="8 levels"):
        parse_filter(source)


def test_entries_of_one_object_are_all_needed() -> None:
    source = {"year": {"gte": 2000, "lt": 2010}, "tag": "a"}
    assert fits(source, metadata={"year": 2005, "tag": "a"})
    assert not fits(source, metadata={"year": 2010, "tag": "a"})
    assert not fits(source, metadata={"year": 2005, "tag": "b"})


def test_what_is_missing_fits_only_a_negation() -> None:
    assert not fits({"year": {"lt": 5}}, metadata={})
    assert fits({"year": {"ne": 5}}, metadata={})
    assert fits({"not": {"year": 5}}, metadata={"year": None})
    assert fits({"year": {"exists": False}}, metadata={"year": None})
    assert fits({"year": {"exists": True}}, metadata={"year": False})


def test_true_and_one_and_its_digit_are_three_values() -> None:
    for value in (True, 1, "1"):
        others = [other for other in (True, 1, "1") if type(other) is not type(value)]
        assert fits({"k": value}, metadata={"k": value})
        assert not any(fits({"k": value}, metadata={"k": other}) for other in others)
    assert fits({"k": 1.0}, metadata={"k": 1})


def test_lists_are_looked_into_and_objects_reached_by_a_dot() -> None:
    metadata = {"tags": ["red", "blue", 3], "camera": {"maker": "Leica"}}
    assert fits({"tags": "blue"}, metadata=metadata)
    assert fits({"tags": {"in": ["green", "red"]}}, metadata=metadata)
    assert fits({"tags": {"ne": "green"}}, metadata=metadata)
    assert not fits({"tags": {"gte": "a"}}, metadata=metadata)
    assert fits({"camera.maker": "Leica"}, metadata=metadata)
    assert fits({"camera": {"exists": True}}, metadata=metadata)


def test_built_in_fields() -> None:
    row = {"document_id": "d", "media_type": "image/png", "place": Place(page=3), "position": 2}
    assert fits({"$document": {"in": ["c", "d"]}, "$page": {"gte": 3}, "$position": 2}, **row)
    assert fits({"$modality": "text", "$media_type": "image/png", "$generation": {"lt": 2}}, **row)
    assert fits({"$page": {"exists": False}}, place=Place())
    assert fits({"not": {"$page": {"lt": 5}}}, place=Place())


@pytest.mark.parametrize(
    ("metadata", "says"),
    [
        ({"k": float("inf")}, r"metadata\.k"),
        ({"k": [{"x": 10**400}]}, r"metadata\.k\[0\]\.x"),
        ({"k": "\ud800"}, "surrogate"),
        ({"\udfff": 1}, "surrogate"),
        ({"k": {1: 2}}, "key 1"),
        ({"k": b"x"}, "bytes"),
        ({"k": "x" * 70_000}, "60000"),
        ({"k" * 64: {f"k{n}": n for n in range(2000)}}, "prepared for filters"),
    ],
)
def test_metadata_no_index_could_keep_is_refused(metadata: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidRequest, match=says):
        check_metadata(metadata)


def test_metadata_may_have_any_keys() -> None:
    check_metadata({"a b": 1, "": None, 'q"]': [1, {"x": True}], "漢": {"~/": "x"}})


HOSTILE = [
    '"',
    "'",
    "\\",
    '\\"',
    '" or key != "',
    '"] or 1 == 1 or facets["a',
    "%",
    "_",
    "a\nb",
    "\t\r",
]
TEXTS = st.one_of(
    st.sampled_from([*HOSTILE, "", "a", "b", "値", "😀", "\u2028", "{0}", "true", "1", "null"]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6),
)
NUMBERS = st.one_of(
    st.integers(-3, 3),
    st.sampled_from([0.5, -0.0, 2**53, -(2**70), 1e300, 5e-324, 1e-7, 1 / 3]),
    st.floats(allow_nan=False, allow_infinity=False),
)
SCALARS = st.one_of(TEXTS, NUMBERS, st.booleans())
FIELDS = st.sampled_from(["a", "b", "漢", "o.a", "a-b"])
VALUES = st.one_of(SCALARS, st.none(), st.lists(SCALARS, max_size=3))
METADATA = st.dictionaries(
    st.sampled_from(["a", "b", "漢", "a-b", "no name"]), VALUES, max_size=4
) | st.fixed_dictionaries({"o": st.one_of(VALUES, st.dictionaries(st.just("a"), VALUES))})


def comparisons() -> st.SearchStrategy[dict[str, Any]]:
    ordered = st.sampled_from(["gt", "gte", "lt", "lte"])
    tests = st.one_of(
        st.builds(lambda op, v: {op: v}, st.sampled_from(["eq", "ne"]), SCALARS),
        st.builds(lambda op, v: {op: v}, ordered, st.one_of(TEXTS, NUMBERS)),
        st.builds(lambda v: {"in": v}, st.lists(SCALARS, min_size=1, max_size=3)),
        st.builds(lambda v: {"exists": v}, st.booleans()),
    )
    pages = st.builds(lambda op, v: {"$page": {op: v}}, ordered, st.integers(-2, 3))
    return st.one_of(st.builds(lambda field, test: {field: test}, FIELDS, tests), pages)


FILTERS = st.recursive(
    comparisons(),
    lambda inner: st.one_of(
        st.builds(lambda parts: {"and": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: {"or": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=6,
)


@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    metadata=st.lists(METADATA, min_size=8, max_size=8),
    sources=st.lists(FILTERS, min_size=8, max_size=8),
)
def test_every_index_keeps_the_same_rows(
    index: Index, name: str, metadata: list[dict[str, Any]], sources: list[dict[str, Any]]
) -> None:
    places = [Place(), Place(page=1), Place(page=2), Place(page=3)] * 2
    rows = [
        make_row(n, metadata=each, place=place)
        for n, (each, place) in enumerate(zip(metadata, places, strict=True))
    ]
    index.upsert(name, rows, make_vectors(8))
    for source in sources:
        where = parse_filter(source)
        wanted = {row.item.key for row in rows if matches(where, row)}
        [hits] = index.search(name, make_vectors(1), Modality.TEXT, 8, where)
        assert {hit.row.item.key for hit in hits} == wanted, (source, compile_filter(where))


def test_a_filter_as_large_as_allowed_runs(index: Index, name: str) -> None:
    index.upsert(name, [make_row(n) for n in range(3)], make_vectors(3))
    texts = {"word": {"in": ["漢" * 1024] * (MAX_TERMS - 2)}}
    assert index.count(name, parse_filter({"or": [texts, {"number": {"in": [0, 2]}}]})) == 2
    assert index.count(name, parse_filter({"not": texts, "number": {"exists": True}})) == 3
