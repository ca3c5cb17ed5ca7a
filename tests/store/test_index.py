"""What every index promises, asked of memory, Milvus Lite and a real Milvus 2.3.5."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samespace.core.errors import BadVector, NotFound
from samespace.core.types import IMAGE, TEXT, Place, Row, Vectors
from samespace.store.filters import matches, parse_filter
from samespace.store.index import Index
from tests.store.rows import make_clusters, make_row, make_vectors


def fill(index: Index, name: str, count: int, **changes: object) -> tuple[list[Row], Vectors]:
    rows, vectors = [make_row(n, **changes) for n in range(count)], make_vectors(count)
    index.upsert(name, rows, vectors)
    return rows, vectors


def test_creating_twice_keeps_the_rows(index: Index, name: str) -> None:
    fill(index, name, 3)
    index.create(name, 8)
    assert index.count(name) == 3


def test_four_can_create_at_once(index: Index) -> None:
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: index.create("raced", 8), range(4)))
    fill(index, "raced", 2)
    assert index.count("raced") == 2
    index.drop("raced")


def test_upserting_twice_is_upserting_once(index: Index, name: str) -> None:
    rows, vectors = fill(index, name, 5)
    index.upsert(name, rows, vectors)
    assert index.count(name) == 5
    assert len(index.search(name, vectors[:1], TEXT, 10)[0]) == 5


def test_upsert_replaces_the_whole_row(index: Index, name: str) -> None:
    fill(index, name, 2, metadata={"old": "x"})
    vectors = make_vectors(2, seed=9)
    new = make_row(0, metadata={"new": "y"}, generation=2, text="another")
    index.upsert(name, [new], vectors[:1])
    found, kept = index.get(name, [new.item.key])
    assert found == [new]
    assert np.allclose(kept, vectors[:1])
    assert index.count(name, parse_filter({"old": "x"})) == 1


def test_the_last_of_two_rows_of_one_key_stays(index: Index, name: str) -> None:
    rows = [make_row(0, text="first"), make_row(0, text="second")]
    index.upsert(name, rows, make_vectors(2))
    assert [row.item.text for row in index.get(name, [rows[0].item.key])[0]] == ["second"]
    assert index.count(name) == 1


def test_rows_come_back_as_they_went(index: Index, name: str) -> None:
    rows = [
        make_row(0, metadata={"tags": ["a", 1, None], "in ner": {"x": True}, 'o"d/d~': 1.5}),
        make_row(1, modality=IMAGE, text="", place=Place(), media_type="image/png", metadata={}),
        make_row(2, place=Place(page=3), text="'\"\\\n\u2028 \x01 漢字 😀"),
    ]
    vectors = make_vectors(3)
    index.upsert(name, rows, vectors)
    found, kept = index.get(name, [row.item.key for row in reversed(rows)])
    assert found == rows[::-1]
    assert np.allclose(kept, vectors[::-1])


def test_get_leaves_out_what_is_not_there(index: Index, name: str) -> None:
    rows, _ = fill(index, name, 2)
    found, vectors = index.get(name, ["nothing", rows[1].item.key])
    assert found == rows[1:]
    assert vectors.shape == (1, 8)
    assert index.rows(name, ["nothing", rows[1].item.key]) == [rows[1]]
    assert index.rows(name, []) == []
    found, vectors = index.get(name, [])
    assert (found, vectors.shape) == ([], (0, 8))


def test_delete_removes_the_documents_rows(index: Index, name: str) -> None:
    fill(index, name, 12)
    index.delete(name, ["document-0", "document-2", "unknown"])
    assert index.count(name) == 4
    assert index.count(name, parse_filter({"$document": "document-1"})) == 4


def test_delete_below_keeps_the_newer_generation(index: Index, name: str) -> None:
    fill(index, name, 4, generation=1)
    newer = [make_row(n, generation=2) for n in range(2)]
    index.upsert(name, newer, make_vectors(2))
    index.delete(name, ["document-0"], below=2)
    assert index.count(name) == 2
    assert len(index.get(name, [row.item.key for row in newer])[0]) == 2


def test_delete_above_keeps_the_older_generation(index: Index, name: str) -> None:
    for generation in (1, 2, 3):
        rows = [make_row(generation, generation=generation)]
        index.upsert(name, rows, make_vectors(1))
    index.delete(name, ["document-0"], above=1, below=3)
    left = [row.generation for rows, _ in index.scan(name) for row in rows]
    assert sorted(left) == [1, 3]


def test_search_ranks_by_cosine(index: Index, name: str) -> None:
    rows, vectors = fill(index, name, 30)
    queries = make_vectors(2, seed=5)
    for query, hits in zip(queries, index.search(name, queries, TEXT, 30), strict=True):
        cosines = vectors @ query
        ranked = [rows[n] for n in np.argsort(-cosines)]
        assert [hit.key for hit in hits] == [row.item.key for row in ranked]
        assert [hit.document_id for hit in hits] == [row.item.document_id for row in ranked]
        assert [hit.generation for hit in hits] == [row.generation for row in ranked]
        assert np.allclose([hit.score for hit in hits], np.sort(cosines)[::-1], atol=1e-4)


def test_search_keeps_to_modality_filter_and_limit(index: Index, name: str) -> None:
    rows = [make_row(n, modality=IMAGE if n % 2 else TEXT) for n in range(20)]
    vectors = make_vectors(20)
    index.upsert(name, rows, vectors)
    where = parse_filter({"number": {"gte": 10}})
    [hits] = index.search(name, vectors[11:12], IMAGE, 3, where)
    assert len(hits) == 3
    found = index.rows(name, [hit.key for hit in hits])
    assert found[0] == rows[11]
    assert all(row.item.modality == IMAGE for row in found)
    assert all(row.metadata["number"] >= 10 for row in found)


@pytest.mark.parametrize("where", [None, {"number": {"gte": 6}}], ids=["all", "filtered"])
def test_nearest_is_what_search_finds_of_each_modality(
    index: Index, name: str, where: dict[str, object] | None
) -> None:
    rows = [make_row(n, modality=IMAGE if n % 3 == 0 else TEXT) for n in range(20)]
    index.upsert(name, rows, make_vectors(20))
    [query] = make_vectors(1, seed=5)
    fits = None if where is None else parse_filter(where)
    found = index.nearest(name, query, [TEXT, IMAGE], 8, where=fits, shown=3)
    for modality, each in zip((TEXT, IMAGE), found, strict=True):
        assert each.scored == index.search(name, query[None], modality, 8, fits)[0]
        assert len(each.scored) > 3
        best = index.rows(name, [one.key for one in each.scored[:3]])
        assert list(each.rows) in ([], best)
    assert index.nearest(name, query, [], 8) == []


def test_search_finds_nothing_in_nothing(index: Index, name: str) -> None:
    assert index.search(name, make_vectors(1), TEXT, 5) == [[]]
    fill(index, name, 2)
    assert index.search(name, make_vectors(0), TEXT, 5) == []
    assert index.search(name, make_vectors(1), IMAGE, 5) == [[]]


def test_scan_sees_every_row_once_in_order(index: Index, name: str) -> None:
    rows, vectors = fill(index, name, 25)
    of = dict(zip([row.item.key for row in rows], vectors, strict=True))
    pages = list(index.scan(name, batch=7))
    assert [len(found) for found, _ in pages] == [7, 7, 7, 4]
    found = [row for some, _ in pages for row in some]
    assert found == sorted(rows, key=lambda row: row.item.key)
    kept = np.concatenate([some for _, some in pages])
    assert np.allclose(kept, [of[row.item.key] for row in found])


def test_scan_and_count_keep_to_filter_and_modality(index: Index, name: str) -> None:
    rows = [make_row(n, modality=IMAGE if n < 5 else TEXT) for n in range(20)]
    index.upsert(name, rows, make_vectors(20))
    where = parse_filter({"number": {"lt": 8}})
    [(found, _)] = index.scan(name, where, TEXT)
    assert {row.metadata["number"] for row in found} == {5, 6, 7}
    assert index.count(name, where, TEXT) == 3
    assert index.count(name, where) == 8
    assert index.count(name, modality=IMAGE) == 5


def test_sample_is_stable_and_bounded(index: Index, name: str) -> None:
    rows = [make_row(n, modality=IMAGE if n % 10 == 0 else TEXT) for n in range(60)]
    vectors = make_vectors(60)
    index.upsert(name, rows, vectors)
    sample = index.sample(name, TEXT, 20)
    assert sample.shape == (20, 8)
    assert np.array_equal(sample, index.sample(name, TEXT, 20))
    assert np.all((sample @ vectors.T).max(axis=1) > 0.9999)
    assert index.sample(name, IMAGE, 20).shape == (6, 8)


def test_another_client_sees_a_write_at_once(index: Index, another: Index, name: str) -> None:
    for n in range(5):
        index.upsert(name, [make_row(n)], make_vectors(1, seed=n))
        assert another.count(name) == n + 1
        assert len(another.search(name, make_vectors(1), TEXT, 10)[0]) == n + 1
    index.delete(name, ["document-0"])
    assert another.count(name) == 1


def test_drop_takes_the_rows_and_the_dimension(index: Index, another: Index, name: str) -> None:
    fill(index, name, 3)
    assert another.exists(name)
    assert another.count(name) == 3
    index.drop(name)
    assert not another.exists(name)
    index.drop(name)
    index.create(name, 4)
    another.upsert(name, [make_row(1)], make_vectors(1, 4))
    assert index.count(name) == 1


def test_what_is_not_there_is_named(index: Index) -> None:
    for call in (
        lambda: index.count("nowhere"),
        lambda: index.upsert("nowhere", [make_row(1)], make_vectors(1)),
        lambda: index.search("nowhere", make_vectors(1), TEXT, 1),
        lambda: index.nearest("nowhere", make_vectors(1)[0], [TEXT, IMAGE], 1),
        lambda: index.get("nowhere", ["x"]),
        lambda: index.rows("nowhere", ["x"]),
        lambda: list(index.scan("nowhere")),
        lambda: index.sample("nowhere", TEXT, 1),
        lambda: index.delete("nowhere", ["x"]),
    ):
        with pytest.raises(NotFound, match="nowhere"):
            call()
    assert not index.exists("nowhere")


@pytest.mark.parametrize("change", [np.nan, np.inf, 0.5, 0.0])
def test_a_bad_vector_stops_the_whole_write(index: Index, name: str, change: float) -> None:
    rows, vectors = [make_row(n) for n in range(3)], make_vectors(3)
    vectors[1] *= change
    with pytest.raises(BadVector, match=rows[1].item.key):
        index.upsert(name, rows, vectors)
    assert index.count(name) == 0


def test_vectors_of_another_shape_are_refused(index: Index, name: str) -> None:
    with pytest.raises(BadVector, match="dimension 8"):
        index.upsert(name, [make_row(0)], make_vectors(1, dim=7))
    with pytest.raises(BadVector, match="1 rows"):
        index.upsert(name, [make_row(0)], make_vectors(2))


def test_a_text_past_the_columns_bytes_is_cut_between_characters(index: Index, name: str) -> None:
    index.upsert(name, [make_row(0, text="é漢" * 40_000)], make_vectors(1))
    [row] = index.get(name, [make_row(0).item.key])[0]
    assert len(row.item.text.encode()) == 65_535
    assert row.item.text == "é漢" * 13_107


def test_a_write_larger_than_a_message_arrives(index: Index, name: str) -> None:
    rows = [make_row(n, text="x" * 65_000) for n in range(1100)]
    index.upsert(name, rows, make_vectors(1100))
    assert index.count(name) == 1100
    assert len(index.get(name, [row.item.key for row in rows])[0]) == 1100


VECTOR = st.lists(st.integers(-3, 3), min_size=8, max_size=8).filter(any)


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(raw=st.lists(VECTOR, min_size=1, max_size=12), query=VECTOR, limit=st.integers(1, 12))
def test_search_is_brute_force(
    index: Index, name: str, raw: list[list[int]], query: list[int], limit: int
) -> None:
    unit = [np.array(each, np.float32) / np.linalg.norm(each) for each in [query, *raw]]
    rows = [make_row(n, document_id="all") for n in range(len(raw))]
    index.delete(name, ["all"])
    index.upsert(name, rows, np.array(unit[1:]))
    [hits] = index.search(name, np.array(unit[:1]), TEXT, limit)
    cosines = {row.item.key: float(unit[0] @ v) for row, v in zip(rows, unit[1:], strict=True)}
    expected = sorted(cosines.values(), reverse=True)[:limit]
    assert np.allclose([hit.score for hit in hits], expected, atol=1e-4)
    assert np.allclose([cosines[hit.key] for hit in hits], expected, atol=1e-4)


@pytest.mark.slow
def test_recall_holds_at_every_selectivity(index: Index) -> None:
    count, dim = 10_000, 64
    vectors = make_clusters(count, dim, 100)
    rows = [
        make_row(n, modality=IMAGE if n % 100 == 0 else TEXT, metadata={"part": n % 1000})
        for n in range(count)
    ]
    index.create("recall", dim)
    index.upsert("recall", rows, vectors)
    settle(index, "recall")
    queries = make_clusters(20, dim, 100, seed=1)
    for modality, below in [
        (TEXT, 1000),
        (TEXT, 500),
        (TEXT, 100),
        (TEXT, 10),
        (TEXT, 2),
        (IMAGE, 1000),
    ]:
        where = parse_filter({"part": {"lt": below}})
        kept = [
            n for n, row in enumerate(rows) if row.item.modality == modality and matches(where, row)
        ]
        found = index.search("recall", queries, modality, 10, where)
        true = np.argsort(-(queries @ vectors[kept].T), axis=1)[:, :10]
        hits = sum(
            len({rows[kept[n]].item.key for n in best} & {hit.key for hit in got})
            for best, got in zip(true, found, strict=True)
        )
        assert hits >= 0.95 * 200, (modality, below, hits)
    index.drop("recall")


def settle(index: Index, name: str) -> None:
    """Have the server write its segments, as it does in time, and read them from there."""
    from samespace.store.index_milvus import MilvusIndex

    if not isinstance(index, MilvusIndex):
        return
    client = index._client()
    client.flush(name)
    if not index._is_lite:
        client.release_collection(name)
        client.load_collection(name)


def test_removing_takes_the_rows_of_these_keys_and_no_others(index: Index, name: str) -> None:
    rows, _ = fill(index, name, 1200)
    gone = [row.item.key for row in rows[:1100]]
    index.remove(name, [*gone, "not there"])
    index.remove(name, [])
    assert {row.item.key for found, _ in index.scan(name) for row in found} == {
        row.item.key for row in rows[1100:]
    }


def test_the_dimension_can_be_asked_for(index: Index, name: str) -> None:
    assert index.dim(name) == 8
    with pytest.raises(NotFound):
        index.dim("nowhere")


def test_an_index_knows_whether_it_has_the_columns_of_this_release(index: Index, name: str) -> None:
    assert index.is_current(name)
    assert not index.is_current("never_made")
