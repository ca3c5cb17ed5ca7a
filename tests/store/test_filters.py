"""The filter language: what it refuses, what it means, and that every index means the same."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samespace.core.errors import InvalidRequest
from samespace.core.types import TEXT, Place
from samespace.store.comparisons import COMPARISONS
from samespace.store.expressions import compile_filter
from samespace.store.facets import check_metadata, field_of
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
        ({"\ud800": 1}, "surrogate"),
        ({1: 1}, "not a field"),
        ({"$vector": 1}, r"\$document"),
        ({"$vector": 1}, r"a key of that name is '\$\.\$vector'"),
        ({"$": 1}, r"none of"),
        ({"$name": 1}, "a text"),
        ({"$added": 1714608000}, "a date such as 2024-05-02"),
        ({"$added": {"gte": "May"}}, "a date such as 2024-05-02"),
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


DAY, HOUR = "2024-05-02", "2024-05-02T10:00+02:00"  # the hour is 08:00 in UTC


@pytest.mark.parametrize(
    ("kept", "test", "fits_it"),
    [
        # Moments: the offset counts, not the text.
        (HOUR, {"gte": "2024-05-02T08:15Z"}, False),
        (HOUR, {"gte": "2024-05-02T08:00Z"}, True),
        (HOUR, {"lt": "2024-05-02T08:15Z"}, True),
        (HOUR, {"gt": "2024-05-02T08:00Z"}, False),
        (HOUR, {"lte": "2024-05-02T08:00:00.000Z"}, True),
        (HOUR, {"eq": "2024-05-02 08:00"}, True),
        (HOUR, {"ne": "2024-05-02 08:00"}, False),
        (HOUR, {"in": ["2023-01-01", "2024-05-02T08:00Z"]}, True),
        (HOUR, {"eq": HOUR}, True),
        # Months and days of one digit.
        ("2024-5-2", {"gte": "2024-05-10"}, False),
        ("2024-5-2", {"eq": DAY}, True),
        ("2024-05-02", {"eq": "2024-5-2"}, True),
        ("2024-5-10", {"gt": "2024-5-9"}, True),
        # A day of the filter is the whole day in UTC.
        (HOUR, {"eq": DAY}, True),
        (HOUR, {"gte": DAY}, True),
        (HOUR, {"lte": DAY}, True),
        (HOUR, {"gt": DAY}, False),
        (HOUR, {"lt": DAY}, False),
        (HOUR, {"gt": "2024-05-01"}, True),
        ("2024-05-02T01:00+02:00", {"lte": "2024-05-01"}, True),
        ("2024-05-03T00:00Z", {"lte": DAY}, False),
        ("2024-05-03T00:00Z", {"gt": DAY}, True),
        # Of a field the beginning of its day counts.
        (DAY, {"gte": "2024-05-02T00:00Z"}, True),
        (DAY, {"gte": "2024-05-02T00:00:01Z"}, False),
        (DAY, {"lt": "2024-05-02T00:00:01Z"}, True),
        (DAY, {"lte": DAY}, True),
        (DAY, {"gt": DAY}, False),
        # What is no date is not compared with one, and keeps the order of texts among itself.
        ("soon", {"gte": DAY}, False),
        ("soon", {"ne": DAY}, True),
        ("2024", {"lt": DAY}, False),
        (20240502, {"gte": DAY}, False),
        (DAY, {"lt": "soon"}, True),
        (DAY, {"gte": "2024-05"}, True),
        # Lists are looked into for the text alone.
        ([DAY, "x"], {"eq": DAY}, True),
        ([DAY], {"gte": "2024-01-01"}, False),
    ],
)
def test_dates_are_compared_as_times(kept: object, test: dict[str, Any], fits_it: bool) -> None:
    assert fits({"due": test}, metadata={"due": kept}) is fits_it


COMPOSED, DECOMPOSED = "Caf\u00e9", "cafe\u0301"


@pytest.mark.parametrize(
    ("kept", "test", "fits_it"),
    [
        (COMPOSED, {"eq": DECOMPOSED}, True),
        (DECOMPOSED, {"eq": "CAF\u00c9"}, True),
        ("STRASSE", {"eq": "stra\u00dfe"}, True),
        (
            "\u03a3\u038a\u03a3\u03a5\u03a6\u039f\u03a3",
            {"eq": "\u03c3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2"},
            True,
        ),
        (COMPOSED, {"ne": DECOMPOSED}, False),
        (COMPOSED, {"in": ["tea", DECOMPOSED]}, True),
        (["Tea", COMPOSED], {"eq": DECOMPOSED}, True),
        (COMPOSED, {"eq": "cafe"}, False),
        ("Zebra", {"gt": "apple"}, True),
        ("apple", {"lt": "Zebra"}, True),
        ("\u00c9TUDE", {"gte": "e\u0301tude"}, True),
        ("ABC", {"lte": "abc"}, True),
    ],
)
def test_texts_are_compared_as_people_do(kept: object, test: dict[str, Any], fits_it: bool) -> None:
    assert fits({"k": test}, metadata={"k": kept}) is fits_it


@pytest.mark.parametrize(
    ("field", "metadata"),
    [
        ("Due date", {"Due date": 1}),
        ("", {"": 1}),
        ("a..b", {"a..b": 1}),
        ("a..b", {"a": {"": {"b": 1}}}),
        ('q"] or 1 == 1', {'q"] or 1 == 1': 1}),
        ("camera.make", {"camera.make": 1}),
        ("camera.make", {"camera": {"make": 1}}),
        ("camera.make", {"camera": {"make": 2}, "camera.make": 1}),
        ("camera.make", {"camera.make": None, "camera": {"make": 1}}),
        ("camera.Lens name.x", {"camera": {"Lens name.x": 1}}),
        ("$.and", {"and": 1}),
        ("$.not", {"not": 1}),
        ("$.$name", {"$name": 1}),
        ("$.$.x", {"$.x": 1}),
        ("$.plain", {"plain": 1}),
        ("a.$page", {"a": {"$page": 1}}),
        (":20:", {":20:": 1}),
        ("caf\u00e9", {"cafe\u0301": 1}),
        ("k" * 3000, {"k" * 3000: 1}),
        ("\x00\n", {"\x00\n": 1}),
    ],
)
def test_any_key_can_be_asked_for(field: str, metadata: dict[str, Any]) -> None:
    check_metadata(metadata)
    assert fits({field: 1}, metadata=metadata)
    assert fits({field: {"exists": True}}, metadata=metadata)
    assert not fits({field: 1}, metadata={"Due": {"date": 1}, " ": 1, "k" * 2999: 1, "name": 1})


def test_keys_are_no_built_in_fields() -> None:
    assert not fits({"$name": "x"}, metadata={"$name": "x"})
    assert not fits({"$added": "2024-05-02"}, metadata={"$added": "2024-05-02"})
    assert not fits({"$.$page": 1}, place=Place(page=1))


def test_a_documents_name_and_time_are_fields() -> None:
    row = {"name": "R\u00e9sum\u00e9.PDF", "added": 1714636800.0}  # 2024-05-02T08:00Z
    assert fits({"$name": "re\u0301sume\u0301.pdf"}, **row)
    assert fits({"$name": {"in": ["a.txt", "R\u00c9SUM\u00c9.pdf"]}}, **row)
    assert fits({"$name": {"gte": "r", "lt": "s"}}, **row)
    assert not fits({"$name": {"ne": "r\u00e9sum\u00e9.pdf"}}, **row)
    assert fits({"$added": "2024-05-02"}, **row)
    assert fits({"$added": {"gte": "2024-05-02T10:00+02:00", "lte": "2024-05-02"}}, **row)
    assert not fits({"$added": {"gt": "2024-05-02"}}, **row)
    assert fits({"$added": {"exists": True}, "$name": {"exists": True}}, **row)


def test_a_name_that_looks_like_a_date_is_a_name() -> None:
    assert fits({"$name": "2024-05-02"}, name="2024-05-02")
    assert not fits({"$name": "2024-5-2"}, name="2024-05-02")


@pytest.mark.parametrize("sign", [1, -1])
def test_whole_numbers_are_exact_however_long(sign: int) -> None:
    numbers = [0, 1, 2**53 - 1, 2**53, 2**53 + 1, 2**63, 10**18, 10**25, 10**25 + 1, int(1e300)]
    for one in numbers:
        for other in numbers:
            kept, asked = sign * one, sign * other
            for op, compare in COMPARISONS.items():
                expected = compare(kept, asked)
                assert fits({"k": {op: asked}}, metadata={"k": kept}) is expected, (kept, op, asked)
                if op != "eq":
                    assert fits({"k": {op: -asked}}, metadata={"k": kept}) is compare(kept, -asked)
    assert fits({"k": 1e300}, metadata={"k": 1e300})
    assert fits({"k": 2.0**60}, metadata={"k": 2**60})
    assert not fits({"k": 10**300}, metadata={"k": 1e300})


def test_a_long_text_is_kept_and_compared() -> None:
    check_metadata({"k": "x" * 50_000})
    assert fits({"k": {"gt": "x" * 1024}}, metadata={"k": "x" * 50_000})
    assert not fits({"k": "x" * 1024}, metadata={"k": "x" * 50_000})


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
    st.sampled_from(["A", "\u00e9", "E\u0301", "2024-5-2", "2024-05-02", "2024-05-02T10:00+02:00"]),
    st.sampled_from(["2024-05-02T08:00Z", "2024-05-03", "1969-01-01", "ß", "SS"]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6),
)
NUMBERS = st.one_of(
    st.integers(-3, 3),
    st.sampled_from([0.5, -0.0, 2**53, -(2**70), 1e300, 5e-324, 1e-7, 1 / 3]),
    st.sampled_from([2**53 + 1, 2**53 - 1, -(2**53) - 1, 2**70, 10**25]),
    st.floats(allow_nan=False, allow_infinity=False),
)
SCALARS = st.one_of(TEXTS, NUMBERS, st.booleans())
ODD_KEYS = ["no name", "", "o.a", 'q"]/~\\', "and", "$page", "\n", "k" * 200, "[0]", "a'b", "é"]
FIELDS = st.sampled_from(["a", "b", "漢", "o.a", "a-b", *(field_of(key) for key in ODD_KEYS)])
VALUES = st.one_of(SCALARS, st.none(), st.lists(SCALARS, max_size=3))
METADATA = st.dictionaries(
    st.sampled_from(["a", "b", "漢", "a-b", *ODD_KEYS]), VALUES, max_size=4
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
    names = st.builds(lambda op, v: {"$name": {op: v}}, st.sampled_from(["eq", "ne", "gt"]), TEXTS)
    times = st.builds(
        lambda op, v: {"$added": {op: v}},
        st.sampled_from(["eq", "ne", "gt", "lte"]),
        st.sampled_from(["1970-01-01", "1970-01-01T00:00:02Z", "1970-01-02"]),
    )
    fields = st.builds(lambda field, test: {field: test}, FIELDS, tests)
    return st.one_of(fields, fields, pages, names, times)


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
        make_row(n, metadata=each, place=place, name=f"{n % 3}\u00c9", added=float(n))
        for n, (each, place) in enumerate(zip(metadata, places, strict=True))
    ]
    index.upsert(name, rows, make_vectors(8))
    for source in sources:
        where = parse_filter(source)
        wanted = {row.item.key for row in rows if matches(where, row)}
        [hits] = index.search(name, make_vectors(1), TEXT, 8, where)
        assert {hit.key for hit in hits} == wanted, (source, compile_filter(where))


def test_a_filter_as_large_as_allowed_runs(index: Index, name: str) -> None:
    index.upsert(name, [make_row(n) for n in range(3)], make_vectors(3))
    texts = {"word": {"in": ["漢" * 1024] * (MAX_TERMS - 2)}}
    assert index.count(name, parse_filter({"or": [texts, {"number": {"in": [0, 2]}}]})) == 2
    assert index.count(name, parse_filter({"not": texts, "number": {"exists": True}})) == 3
