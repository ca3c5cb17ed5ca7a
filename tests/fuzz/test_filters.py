"""Whatever filter comes: refused with a reason, or a Milvus expression that keeps what the plain rules keep."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from samespace.core.errors import InvalidRequest
from samespace.store.expressions import compile_filter
from samespace.store.facets import check_metadata, field_of
from samespace.store.filters import Filter, matches, parse_filter
from samespace.store.index_milvus import MilvusIndex
from tests.services import run_lite_server
from tests.store.rows import key_of, make_row, make_vectors

NUMBERS = st.one_of(
    st.sampled_from([0, -0.0, 1, 2**53 - 1, 2**53, 2**53 + 1, 2**63 - 1, 2**63, -(2**63), 1e300]),
    st.sampled_from([0.1, 1e-320, 5e-324, 1.7976931348623157e308, 10**20, -1, 1.0]),
    st.integers(-(10**25), 10**25),
    st.floats(allow_nan=False, allow_infinity=False),
)
TEXTS = st.one_of(
    st.sampled_from(["", '"', "\\", '\\\\"', "'", "a\nb", "\t", "\r\n", "猫", "é", "e\u0301"]),
    st.sampled_from(["\\u0041", "\\n", "%", "_", "true", "1", "null", "\u202e", "\u200b", "🦊"]),
    st.sampled_from(["2024-05-02", "2024-5-2", "2024-05-02T10:00+02:00", "2024-05-02T08:00Z", "É"]),
    st.sampled_from([") or true", "' or '1'=='1", "{{x}}", "\x7f", "\x85", "\u2028", "a" * 1024]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6),
)
SCALARS = st.one_of(TEXTS, NUMBERS, st.booleans())
ODD_KEYS = ["not a name", "", "a.b", ".", '"]', "\\", "/~1", "and", "$page", "e\u0301", "k" * 300]
FIELDS = st.sampled_from(["a", "b", "a.b", "猫", "x-y", "1", "_", "and", "true", "é"])
FIELDS = st.one_of(FIELDS, st.sampled_from([field_of(key) for key in ODD_KEYS]))
BUILT_IN = st.sampled_from(["$page", "$position", "$generation", "$document", "$media_type"])
BUILT_IN = st.one_of(BUILT_IN, st.sampled_from(["$name", "$added"]))
METADATA = st.dictionaries(
    st.sampled_from(["a", "b", "猫", "x-y", "1", "_", "é", *ODD_KEYS]),
    st.one_of(SCALARS, st.none(), st.lists(SCALARS, max_size=3), st.dictionaries(FIELDS, SCALARS)),
    max_size=4,
)
OPERATORS = st.one_of(
    SCALARS,
    st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("eq", "ne", "gt", "gte", "lt", "lte"), SCALARS)
    ),
    st.fixed_dictionaries({"in": st.lists(SCALARS, min_size=1, max_size=3)}),
    st.fixed_dictionaries({"exists": st.booleans()}),
)
FILTERS = st.recursive(
    st.dictionaries(FIELDS | BUILT_IN, OPERATORS, min_size=1, max_size=2),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"not": inner}),
        st.dictionaries(
            st.sampled_from(["and", "or"]), st.lists(inner, min_size=1, max_size=2), min_size=1
        ),
    ),
    max_leaves=4,
)
JSON = st.recursive(
    st.one_of(st.none(), SCALARS, st.floats(), st.text()),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text() | FIELDS, inner, max_size=3)
    ),
    max_leaves=12,
)
OPTIONS: Any = {
    "deadline": None,
    "derandomize": True,
    "suppress_health_check": list(HealthCheck),
}


def parsed(source: object) -> Filter | None:
    """The filter, None where it is refused."""
    try:
        return parse_filter(source)
    except InvalidRequest as error:
        assert str(error).startswith("filter: ")
        return None


@settings(max_examples=300, **OPTIONS)
@given(st.one_of(JSON, FILTERS), METADATA)
def test_a_filter_is_refused_or_understood(source: object, metadata: dict[str, Any]) -> None:
    where = parsed(source)
    if where is not None:
        compile_filter(where)
        assert matches(where, make_row(0, metadata=metadata)) in {True, False}


@settings(max_examples=100, **OPTIONS)
@given(st.one_of(METADATA, st.dictionaries(st.text(), JSON)))
def test_metadata_is_refused_or_kept(metadata: dict[str, Any]) -> None:
    try:
        check_metadata(metadata)
    except InvalidRequest as error:
        assert str(error)


@pytest.fixture(scope="module")
def lite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusIndex]:
    """A real server with an empty collection "odd"."""
    folder: Path = tmp_path_factory.mktemp("lite")
    with run_lite_server(folder) as server:
        index = MilvusIndex(server.uri)
        index.create("odd", 8)
        yield index


def fits_milvus(metadata: dict[str, Any]) -> bool:
    try:
        check_metadata(metadata)
    except InvalidRequest:
        return False
    return True


@pytest.mark.slow
@settings(max_examples=60, **OPTIONS)
@given(
    st.lists(METADATA.filter(fits_milvus), min_size=6, max_size=6),
    st.lists(FILTERS, min_size=4, max_size=4),
)
def test_milvus_keeps_what_the_rules_keep(
    lite: MilvusIndex, metadatas: list[dict[str, Any]], sources: list[object]
) -> None:
    rows = [
        make_row(i, metadata=metadata, name=f"É{i % 2}", added=1714636800.0 + i)
        for i, metadata in enumerate(metadatas)
    ]
    lite.upsert("odd", rows, make_vectors(len(rows)))
    filters = [where for where in map(parsed, sources) if where is not None]
    assume(filters)
    stored = lite.get("odd", [key_of(i) for i in range(len(rows))])[0]
    assert [dict(row.metadata) for row in stored] == metadatas
    for where in filters:
        kept = {row.item.key for some, _ in lite.scan("odd", where) for row in some}
        expected = {row.item.key for row in rows if matches(where, row)}
        assert kept == expected, compile_filter(where)
