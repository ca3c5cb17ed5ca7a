"""The live table beside Milvus Lite: whatever was written, it answers as the plain engine does."""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from milvus_lite.adapter.grpc.servicer import MilvusServicer
from milvus_lite.adapter.grpc.translators.schema import milvus_to_milvus_lite_schema
from milvus_lite.db import MilvusLite
from milvus_lite.engine import collection as engine
from milvus_lite.engine import compaction, flush
from milvus_lite.engine.collection import Collection
from milvus_lite.search.filter import compile_filter as compile_expression
from milvus_lite.search.filter.ast import (
    ArrayContainsOp,
    BoolLit,
    CmpOp,
    FieldRef,
    FloatLit,
    IntLit,
    IsNullOp,
    PathAccess,
    StringLit,
)
from milvus_lite.search.filter.eval import evaluate_python
from milvus_lite.search.filter.eval.python_backend import _eval_row
from milvus_lite.storage.data_file import write_data_file
from milvus_lite.storage.memtable import MemTable
from pymilvus.client.prepare import Prepare
from pymilvus.grpc_gen import schema_pb2

from samespace.core.types import IMAGE, TEXT, Modality, Row
from samespace.store.expressions import compile_filter, literal, one_of
from samespace.store.facets import facets as facets_of
from samespace.store.facets import to_json
from samespace.store.filters import AllOf, AnyOf, Compare, Exists, Filter, Not, OneOf
from samespace.store.index_milvus import IN_ORDER
from samespace.store.lite import install, keeping, requests
from samespace.store.lite.at_once import nearest
from samespace.store.lite.facets import Unsupported, read_columns
from samespace.store.lite.flushes import build_data_table
from samespace.store.lite.flushes import write_data_file as write_mine
from samespace.store.lite.masks import Mask
from samespace.store.lite.pieces import part_of_write
from samespace.store.lite.scores import Questions
from samespace.store.lite.table import Moment
from samespace.store.lite.wire import Question, pack_question, unpack_answer, unpack_question
from samespace.store.lite_server import CATALOGUE_CALLS, COLLECTION_CALLS, install_locks
from samespace.store.milvus_schema import COLUMNS, make_schema, to_entity
from tests.store.rows import key_of, make_row, make_vectors

DIM = 8
ROWS = 24
HOOKED = ("_apply", "_refresh_segment_cache")
PLAIN = {name: getattr(Collection, name) for name in (*COLLECTION_CALLS, *HOOKED)}
CATALOGUE = {name: getattr(MilvusLite, name) for name in CATALOGUE_CALLS}
WRITTEN = MemTable._build_data_table
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
    install_locks()
    install.install_live_tables()
    yield
    plain = ((Collection, PLAIN), (MilvusLite, CATALOGUE), (MilvusServicer, SERVED))
    for owner, methods in plain:
        for name, method in methods.items():
            setattr(owner, name, method)
    MemTable._build_data_table = WRITTEN
    flush.write_data_file = compaction.write_data_file = write_data_file


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


TAGS = st.sampled_from(["s", "t", "n", "x", "d", "b", "o"])
PATHS = st.sampled_from(['facets["a"]', 'facets["b"]', 'facets["a"]["n"]', 'facets["b"]["s"]'])
LITERALS = st.sampled_from(["1", "0.5", "true", '"red"'])
ATOMS = st.one_of(
    st.builds("{} {} {}".format, PATHS, st.sampled_from(["==", "!=", "<", ">="]), LITERALS),
    PATHS.map("exists {}".format),
    PATHS.map('json_contains({}, "red")'.format),
    st.sampled_from(
        ["generation >= 1", 'document == "document-0"', 'document not in ["document-1"]']
    ),
    st.integers(0, 8).map(lambda number: one_of("key", [key_of(number), "z"])),
    st.just('facets["a"] like "r%"'),
)
EXPRESSIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        inner.map("not ({})".format),
        st.builds("({}) {} ({})".format, inner, st.sampled_from(["and", "or"]), inner),
    ),
    max_leaves=5,
)
METADATA = st.dictionaries(st.sampled_from(["a", "b"]), VALUES, max_size=2)
WRITTEN_FACETS = METADATA.map(facets_of).map(to_json)
ANY_FACETS = st.one_of(
    st.none(),
    st.text(max_size=3),
    st.dictionaries(
        st.sampled_from(["a", "b", "a.inner"]),
        st.one_of(VALUES, st.dictionaries(TAGS, VALUES | st.just('["red"]'), max_size=3)),
        max_size=2,
    ).map(to_json),
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
                modality=draw(st.sampled_from([TEXT, IMAGE])),
                metadata=draw(METADATA),
            ),
            draw(st.integers(0, ROWS)),
        )
        for number in numbers
    ]


class Histories(RuleBasedStateMachine):
    """Writes in any order, with flushes, compactions and restarts between them; nothing goes on in the background."""

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

    @rule(numbers=st.lists(st.integers(0, ROWS), max_size=6), anew=st.booleans())
    def remove(self, *, numbers: list[int], anew: bool) -> None:
        self.collection.delete([key_of(number) for number in numbers])
        if anew:
            self.forget()

    @rule(document=st.integers(0, ROWS // 4), below=st.integers(1, 4))
    def delete(self, document: int, below: int) -> None:
        where = one_of("document", [f"document-{document}"]) + f" and generation < {below}"
        request = Prepare.delete_request("c", where, consistency_level="Strong")
        assert MilvusServicer(self.database).Delete(request, None).status.code == 0

    @rule()
    def flush(self) -> None:
        self.collection.flush()

    @rule()
    def compact(self) -> None:
        """Also while newer rows of the same keys are not flushed yet."""
        self.collection._bg_compact_and_index()

    @rule()
    def reopen(self) -> None:
        self.database.close()
        self.database = MilvusLite(self.folder.name)

    @rule()
    def crash(self) -> None:
        """What lies in the folder is what a kill -9 leaves; the one that is killed is let go of."""
        copy = TemporaryDirectory()
        shutil.copytree(self.folder.name, copy.name, dirs_exist_ok=True)
        self.database.close()
        self.folder.cleanup()
        self.folder, self.database = copy, MilvusLite(copy.name)

    @rule()
    def forget(self) -> None:
        """As after an error: the table is made anew, rows not flushed included."""
        keeping._forget(self.collection)

    @rule()
    def truncate(self) -> None:
        self.database.truncate_collection("c")

    @rule(
        where=comparisons().map(Not) | FILTERS,
        modality=st.sampled_from([TEXT, IMAGE]),
        vector=st.integers(0, ROWS),
    )
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
    monkeypatch.setattr(engine, "MEMTABLE_MEMORY_LIMIT", 4_000)
    monkeypatch.setattr(Collection, "_schedule_bg_maintenance", lambda _: None)
    checked = settings(
        max_examples=25,
        stateful_step_count=25,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Histories, settings=checked)


@given(
    st.lists(WRITTEN_FACETS | ANY_FACETS, min_size=3, max_size=8),
    EXPRESSIONS | (comparisons() | comparisons().map(Not) | FILTERS).map(compile_filter),
)
@example(['{"a": 1}', "{}", '{"b": 2}'], 'not (facets["a"] == 1 and facets["b"] < 1)')
@example(['{"a": 2}', "{}", '{"b": 2}'], 'not (facets["a"] == 1 or facets["b"] < 1)')
@settings(max_examples=400, deadline=None, derandomize=True)
def test_filters_over_any_json_fit_what_they_fit_row_by_row(
    facets: list[str | None], expression: str
) -> None:
    """Also what samespace does not write, in facets and in filters: Milvus Lite's own evaluation is right."""
    rows = [make_row(number) for number in range(len(facets))]
    columns: dict[str, Any] = {
        name: [to_entity(row, VECTORS[0])[name] for row in rows] for name in COLUMNS
    }
    types = {"_seq": pa.uint64(), "facets": pa.string(), "vector": pa.list_(pa.float32(), DIM)}
    columns |= {"_seq": range(len(rows)), "facets": facets, "vector": [VECTORS[0]] * len(rows)}
    batch = pa.record_batch(
        {name: pa.array(some, types.get(name)) for name, some in columns.items()}
    )
    compiled = compile_expression(expression, schema_of_lite())
    found = Mask(compiled, "key").of(part_of_write(batch, "key", "vector"))
    assert found.tolist() == evaluate_python(compiled, batch).to_pylist()


@given(
    values=st.lists(VALUES | st.lists(VALUES, max_size=2), max_size=6),
    op=st.sampled_from(["==", "!=", "<", "<=", ">", ">="]),
    value=WORDS | st.booleans() | st.sampled_from([-1, 0, 1, 0.5, 2**53 + 1, 1e300]),
)
@settings(max_examples=400, deadline=None, derandomize=True)
def test_a_comparison_of_many_is_that_of_each(
    values: list[Any], op: str, value: str | float | bool
) -> None:
    """True, false or unknown as Milvus Lite says row by row, or not answered here at all."""
    at = PathAccess(FieldRef("facets", 0), ("a",), 0)
    kinds = {str: StringLit, bool: BoolLit, int: IntLit, float: FloatLit}
    literal = kinds[type(value)](value, 0)
    texts = [to_json({"a": each}) for each in values]
    column = read_columns(texts, [("a",)])["a",]
    each = [_eval_row(CmpOp(op, at, literal, 0), {"facets": text}) for text in texts]
    with contextlib.suppress(Unsupported):
        true, false = column.compared(op, value)
        assert true.tolist() == [one is True for one in each]
        assert false.tolist() == [one is False for one in each]
    there = [_eval_row(IsNullOp(at, True, 0), {"facets": text}) for text in texts]
    assert column.there().tolist() == there
    if isinstance(value, str):
        contains = ArrayContainsOp(at, literal, "any_one", 0)
        with contextlib.suppress(Unsupported):
            found = column.containing(value).tolist()
            assert found == [_eval_row(contains, {"facets": text}) for text in texts]


def test_whole_numbers_past_floats_are_left_to_python() -> None:
    column = read_columns([to_json({"a": 2**53 + 1})], [("a",)])["a",]
    with pytest.raises(Unsupported):
        column.compared("==", 1)
    with pytest.raises(Unsupported):
        read_columns(['{"a": 1}'], [("a",)])["a",].compared("<", 2**53 + 1)


def test_what_the_table_does_not_know_the_plain_engine_answers(tmp_path: Path) -> None:
    database = MilvusLite(str(tmp_path))
    make_collection(database)
    upsert(database.get_collection("c"), [(make_row(number), number) for number in range(ROWS)])
    for parameters, more in (
        ({"metric_type": "L2"}, {}),
        ({"metric_type": "COSINE"}, {}),
        ({"metric_type": "IP", "params": {"radius": 0.1, "range_filter": 0.5}}, {}),
        ({"metric_type": "IP"}, {"group_by_field": "document"}),
        ({"metric_type": "IP"}, {"partition_names": ["_default"]}),
        ({"metric_type": "IP"}, {"round_decimal": 2}),
    ):
        request = Prepare.search_requests_with_expr(
            "c", "vector", parameters, 5, data=[VECTORS[3]], output_fields=["text"], **more
        )
        assert requests.search(database.get_collection("c"), request) is None
        answer = MilvusServicer(database).Search(request, None)
        assert answer == SERVED["Search"](MilvusServicer(database), request, None)
        assert len(answer.results.scores)
    database.close()


@pytest.mark.parametrize(
    "expression", ["nothing == 1", "key >", 'facets["a"] like "x%"', "generation + 1 == 2"]
)
def test_a_filter_that_is_wrong_or_unusual_is_answered_as_ever(
    expression: str, tmp_path: Path
) -> None:
    database = MilvusLite(str(tmp_path))
    make_collection(database)
    upsert(database.get_collection("c"), [(make_row(number), number) for number in range(4)])
    servicer = MilvusServicer(database)
    search = search_request(expression, 0, 10)
    query = Prepare.query_request("c", expression, ["text"], None)
    found, expected = servicer.Search(search, None), SERVED["Search"](servicer, search, None)
    assert found.status == expected.status
    assert hits_of(found) == pytest.approx(hits_of(expected), abs=1e-6)
    assert servicer.Query(query, None) == SERVED["Query"](servicer, query, None)
    database.close()


def test_readers_beside_writers_see_what_was_written_before_they_began(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Rows go from the log to segments and from these to larger ones all the while; none is missing or there twice."""
    monkeypatch.setattr(engine, "MEMTABLE_MEMORY_LIMIT", 6_000)
    database = MilvusLite(str(tmp_path))
    make_collection(database)
    collection, servicer = database.get_collection("c"), MilvusServicer(database)
    done = [0]

    def write() -> None:
        for number in range(150):
            # the first ones are written anew again and again
            upsert(collection, [(make_row(number), number % ROWS), (make_row(number % 7), 0)])
            done[0] = number + 1

    def read() -> None:
        while done[0] < 150:
            least = done[0]
            request = search_request('modality == "text"', 0, 500)
            keys = list(servicer.Search(request, None).results.ids.str_id.data)
            assert len(keys) == len(set(keys))
            assert set(keys) >= {key_of(number) for number in range(least)}

    with ThreadPoolExecutor(4) as threads:
        jobs = [threads.submit(write), *(threads.submit(read) for _ in range(3))]
        for job in jobs:
            job.result()
    database.close()


def test_a_flush_writes_what_milvus_lite_would_write(tmp_path: Path) -> None:
    database = MilvusLite(str(tmp_path))
    make_collection(database)
    collection = database.get_collection("c")
    for number in range(12):
        upsert(collection, [(make_row(number % 5), number), (make_row(number), number)])
    memtable = collection._memtable
    rows = [(write, row) for write, row, _ in memtable._pk_index.values()]
    mine, theirs = build_data_table(memtable, rows), WRITTEN(memtable, rows)
    assert mine.equals(theirs)
    assert mine.schema.equals(theirs.schema)
    read = [
        pq.read_table(tmp_path / name / write(mine, str(tmp_path / name), 1, 2))
        for name, write in (("mine", write_mine), ("theirs", write_data_file))
    ]
    assert read[0].equals(read[1])
    assert read[0].schema.equals(read[1].schema)
    database.close()


def test_questions_that_wait_together_are_answered_each(tmp_path: Path) -> None:
    database = MilvusLite(str(tmp_path))
    make_collection(database)
    collection = database.get_collection("c")
    upsert(collection, [(make_row(number), number) for number in range(ROWS)])
    kept = keeping.live_state_of(collection)
    assert kept is not None
    moment: Moment = kept.table.moment
    questions = Questions()
    with questions._claim, ThreadPoolExecutor(12) as threads:
        asked = [threads.submit(questions.scores, moment, VECTORS[number]) for number in range(12)]
        while len(questions._waiting) < 12:
            pass
        questions._claim.release()
        scores = [each.result() for each in asked]
        questions._claim.acquire()
    for number, each in enumerate(scores):
        assert np.allclose(each, VECTORS[:ROWS] @ VECTORS[number], atol=1e-6)
    database.close()


def make_collection(database: MilvusLite) -> None:
    database.create_collection("c", schema_of_lite())


@cache
def schema_of_lite() -> Any:
    request = Prepare.create_collection_request("c", make_schema(DIM))
    proto = schema_pb2.CollectionSchema.FromString(request.schema)
    return milvus_to_milvus_lite_schema(proto)


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
    assert at_once_of(database, expression, vector, 5) == ranked[:5]
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


def at_once_of(
    database: MilvusLite, expression: str, vector: int, limit: int
) -> list[tuple[str, float]]:
    """What a question in one call finds; its rows are those that are read by key."""
    question = Question("c", [expression], VECTORS[vector], limit, 3, COLUMNS)
    [found] = unpack_answer(nearest(database, unpack_question(pack_question(question))))
    best = list(found.keys)[:3]
    request = Prepare.query_request("c", one_of("key", best), COLUMNS, None)
    read = rows_of(requests.query(database.get_collection("c"), request), ordered=True)
    assert [tuple(row[name] for name in COLUMNS) for row in found.rows] == (read if best else [])
    ranked = zip(found.keys, found.documents, found.generations, strict=True)
    of_rows = [(row["key"], row["document"], row["generation"]) for row in found.rows]
    assert list(ranked)[:3] == of_rows
    return list(zip(found.keys, found.scores.tolist(), strict=True))


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
