"""The live table beside Milvus Lite: whatever was written, it answers as the plain engine does."""

from collections.abc import Callable, Iterator
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from milvus_lite.adapter.grpc.servicer import MilvusServicer
from milvus_lite.adapter.grpc.translators.schema import milvus_to_milvus_lite_schema
from milvus_lite.db import MilvusLite
from milvus_lite.engine import collection as engine
from milvus_lite.engine.collection import Collection
from pymilvus.client.prepare import Prepare
from pymilvus.grpc_gen import schema_pb2

from samespace.core.types import Modality, Row
from samespace.store.expressions import compile_filter, literal, one_of
from samespace.store.filters import AllOf, AnyOf, Compare, Exists, Filter, Not, OneOf
from samespace.store.index_milvus import IN_ORDER
from samespace.store.lite import install, requests
from samespace.store.milvus_schema import COLUMNS, make_schema, to_entity
from tests.store.rows import key_of, make_row, make_vectors

DIM = 8
ROWS = 24
PATCHED = ("_apply", "_refresh_segment_cache", "drop_partition", "query", "_num_entities", "upsert")
PLAIN = {name: getattr(Collection, name) for name in PATCHED}
SERVED = {"Search": MilvusServicer.Search, "Query": MilvusServicer.Query}
VECTORS = make_vectors(ROWS * 4, DIM)
WORDS = st.sampled_from(["red", "Green", "2024-05-02", "2024-05-02T08:15Z", ""])
VALUES = st.one_of(
    WORDS,
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([0.5, 2**53, 2**53 + 1, -(2**60), 1e300]),
    st.lists(WORDS, max_size=2),
    st.fixed_dictionaries({"inner": st.integers(0, 2)}),
    st.none(),
)
FIELDS = st.sampled_from(["a", "b", "a.inner", "missing"])


@pytest.fixture(scope="module", autouse=True)
def live_tables() -> Iterator[None]:
    """Put in front of Milvus Lite in this process while this module is tested."""
    install.install_live_tables()
    yield
    for owner, methods in ((Collection, PLAIN), (MilvusServicer, SERVED)):
        for name, method in methods.items():
            setattr(owner, name, method)


def comparisons() -> st.SearchStrategy[Filter]:
    """Those that samespace makes, of metadata and of columns."""
    single = st.one_of(WORDS, st.booleans(), st.integers(-3, 3), st.just(2**53 + 1), st.just(0.5))
    ordered = st.one_of(WORDS, st.integers(-3, 3), st.just(-(2**60)))
    orders = st.sampled_from(["gt", "gte", "lt", "lte"])
    numbers = st.sampled_from(["$generation", "$position", "$page"])
    documents = st.integers(0, ROWS // 4).map(lambda n: f"document-{n}")
    return st.one_of(
        st.builds(Compare, FIELDS, st.just("eq"), single),
        st.builds(Compare, FIELDS, orders, ordered),
        st.builds(Compare, numbers, orders | st.just("eq"), st.integers(0, 3)),
        st.builds(Compare, st.just("$document"), orders | st.just("eq"), documents),
        st.builds(Exists, FIELDS | st.just("$page")),
        st.builds(OneOf, st.frozensets(st.integers(0, ROWS).map(key_of), max_size=4)),
    )


FILTERS: st.SearchStrategy[Filter] = st.recursive(
    comparisons(),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda some: AllOf(tuple(some))),
        st.lists(inner, min_size=2, max_size=3).map(lambda some: AnyOf(tuple(some))),
        inner.map(Not),
    ),
    max_leaves=4,
)


@st.composite
def written(draw: st.DrawFn) -> list[tuple[Row, int]]:
    """Rows of one write, one key perhaps twice, and which vector each has."""
    numbers = draw(st.lists(st.integers(0, ROWS - 1), min_size=1, max_size=8))
    return [
        (
            make_row(
                number,
                generation=draw(st.integers(1, 3)),
                modality=draw(st.sampled_from([Modality.TEXT, Modality.IMAGE])),
                metadata=draw(st.dictionaries(st.sampled_from(["a", "b"]), VALUES, max_size=2)),
            ),
            draw(st.integers(0, ROWS)),
        )
        for number in numbers
    ]


class Histories(RuleBasedStateMachine):
    """Writes in any order, with flushes, compactions and restarts between them."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.database = MilvusLite(self.folder.name)
        make_collection(self.database)

    @property
    def collection(self) -> Any:
        return self.database.get_collection("c")

    @rule(rows=written())
    def upsert(self, rows: list[tuple[Row, int]]) -> None:
        upsert(self.collection, rows)

    @rule(rows=written())
    def insert(self, rows: list[tuple[Row, int]]) -> None:
        self.collection.insert(records_of(rows))

    @rule(numbers=st.lists(st.integers(0, ROWS), max_size=4))
    def remove(self, numbers: list[int]) -> None:
        self.collection.delete([key_of(number) for number in numbers])

    @rule(document=st.integers(0, ROWS // 4), below=st.integers(1, 4))
    def delete(self, document: int, below: int) -> None:
        where = one_of("document", [f"document-{document}"]) + f" and generation < {below}"
        request = Prepare.delete_request("c", where, consistency_level="Strong")
        assert MilvusServicer(self.database).Delete(request, None).status.code == 0

    @rule()
    def flush(self) -> None:
        self.collection.flush()

    @rule()
    def settle(self) -> None:
        self.collection._wait_for_bg()

    @rule()
    def reopen(self) -> None:
        self.database.close()
        self.database = MilvusLite(self.folder.name)

    @rule()
    def truncate(self) -> None:
        self.database.truncate_collection("c")

    @rule(where=FILTERS, modality=st.sampled_from(list(Modality)), vector=st.integers(0, ROWS))
    def ask(self, where: Filter, modality: Modality, vector: int) -> None:
        expression = f"modality == {literal(str(modality))} and {compile_filter(where)}"
        assert_same(self.database, expression, vector)

    @invariant()
    def everything_is_the_same(self) -> None:
        assert_same(self.database, "", 0)

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()


def test_random_histories_read_as_from_the_plain_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "MEMTABLE_MEMORY_LIMIT", 6_000)
    checked = settings(
        max_examples=40,
        stateful_step_count=25,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Histories, settings=checked)


def make_collection(database: MilvusLite) -> None:
    request = Prepare.create_collection_request("c", make_schema(DIM))
    proto = schema_pb2.CollectionSchema.FromString(request.schema)
    database.create_collection("c", milvus_to_milvus_lite_schema(proto))


def records_of(rows: list[tuple[Row, int]]) -> list[dict[str, Any]]:
    entities = [to_entity(row, VECTORS[number]) for row, number in rows]
    return [{**entity, "vector": entity["vector"].tolist()} for entity in entities]


def upsert(collection: Any, rows: list[tuple[Row, int]]) -> None:
    collection.upsert(records_of(rows))


def assert_same(database: MilvusLite, expression: str, vector: int) -> None:
    """Nearest rows, whole and at a cut, rows that fit, the first of them by key, rows by key, counts."""
    collection = database.get_collection("c")
    everything = search_request(expression, vector, ROWS * 4)
    fast, plain = both("Search", requests.search, database, everything)
    assert hits_of(fast) == pytest.approx(hits_of(plain), abs=1e-6)
    cut, _ = both("Search", requests.search, database, search_request(expression, vector, 5))
    ranked = sorted(hits_of(fast).items(), key=lambda hit: (-hit[1], hit[0]))
    assert list(hits_of(cut).items()) == ranked[:5]
    columns = [*COLUMNS, "facets", "vector"]
    for more in ({}, {"limit": 3, **IN_ORDER}, {"limit": 2, "offset": 2, **IN_ORDER}):
        request = Prepare.query_request("c", expression, columns, None, **more)
        fast, plain = both("Query", requests.query, database, request)
        assert rows_of(fast, ordered=bool(more)) == rows_of(plain, ordered=bool(more))
    request = Prepare.query_request("c", expression, ["count(*)"], None)
    fast, plain = both("Query", requests.query, database, request)
    assert fast == plain
    some = one_of("key", [key_of(number) for number in (ROWS - 1, 3, 3, ROWS)])
    fast, plain = both(
        "Query", requests.query, database, Prepare.query_request("c", some, columns, None)
    )
    assert rows_of(fast, ordered=True) == rows_of(plain, ordered=True)
    assert collection.num_entities == PLAIN["_num_entities"](collection, None)
    if expression:
        keys = [row["key"] for row in collection.query(expression, output_fields=["key"])]
        expected = PLAIN["query"](collection, expression, output_fields=["key"])
        assert sorted(keys) == sorted(row["key"] for row in expected)


def both(
    name: str, fast: Callable[..., Any], database: MilvusLite, request: Any
) -> tuple[Any, Any]:
    """The answers of the live table and of the plain engine, which may not call upon the table itself."""
    answer = fast(database.get_collection("c"), request)
    assert answer is not None, "left to the plain engine"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Collection, "query", PLAIN["query"])
        patch.setattr(Collection, "_num_entities", PLAIN["_num_entities"])
        plain = SERVED[name](MilvusServicer(database), request, None)
    assert plain.status.code == 0, plain.status.reason
    return answer, plain


def search_request(expression: str, vector: int, limit: int) -> Any:
    parameters = {"metric_type": "IP"}
    return Prepare.search_requests_with_expr(
        "c",
        "vector",
        parameters,
        limit,
        data=[VECTORS[vector]],
        expr=expression,
        output_fields=["document"],
    )


def hits_of(answer: Any) -> dict[str, float]:
    results = answer.results
    return dict(zip(results.ids.str_id.data, results.scores, strict=True))


def rows_of(answer: Any, *, ordered: bool) -> list[Any]:
    """All columns of each row, in order where that is promised."""
    columns = []
    for field in answer.fields_data:
        if field.HasField("vectors"):
            flat = np.array(field.vectors.float_vector.data, np.float32)
            columns.append([tuple(row) for row in flat.reshape(-1, field.vectors.dim).tolist()])
        else:
            slot = field.scalars.WhichOneof("data")
            columns.append(list(getattr(field.scalars, slot).data))
    names = [field.field_name for field in answer.fields_data]
    rows = list(zip(names and columns[0], *columns[1:], strict=True))
    assert list(answer.output_fields) == names
    return rows if ordered else sorted(rows)
