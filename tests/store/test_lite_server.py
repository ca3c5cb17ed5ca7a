"""The launcher of Milvus Lite: nothing acknowledged is lost, whatever ends the server."""

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from samespace.core.errors import Misconfigured, SamespaceError
from samespace.core.types import IMAGE, TEXT
from samespace.store import lite_server
from samespace.store.filters import AllOf, Not, OneOf, parse_filter
from samespace.store.index_milvus import MilvusIndex
from tests.services import Server, free_port, start_lite_server, stop
from tests.store.rows import make_row, make_vectors

DIM = 384
BATCH = 500
ROWS = 10_000


@pytest.fixture
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    """One with the options the test is parametrised with."""
    server = start_lite_server(tmp_path / "data", options=getattr(request, "param", ()))
    yield server
    server.process.kill()
    server.process.wait()


def write_until_it_ends(uri: str, writer: int) -> tuple[list[int], list[int]]:
    """Numbers of the rows the server said yes to, and of those among them that a read then did not find."""
    index = MilvusIndex(uri, timeout=5.0)
    vectors = make_vectors(BATCH, DIM, seed=writer)
    acknowledged: list[int] = []
    unseen: list[int] = []
    for batch in count(writer * 1_000_000, BATCH):
        rows = [make_row(number) for number in range(batch, batch + BATCH)]
        try:
            index.upsert("killed", rows, vectors)
            acknowledged.extend(range(batch, batch + BATCH))
            if not index.get("killed", [rows[-1].item.key])[0]:
                unseen.append(batch)
        except SamespaceError:
            return acknowledged, unseen
    raise AssertionError("count() does not end")


@pytest.mark.slow
@pytest.mark.timeout(90)
@pytest.mark.parametrize(
    "server",
    [
        pytest.param(("--memtable-bytes", "1000000000"), id="before the first flush"),
        pytest.param(("--memtable-bytes", "2000000"), id="flushing all the time"),
    ],
    indirect=True,
)
def test_a_kill_under_four_writers_loses_no_acknowledged_row(
    server: Server, tmp_path: Path
) -> None:
    reader = MilvusIndex(server.uri)
    reader.create("killed", DIM)
    with ProcessPoolExecutor(4, get_context("spawn")) as processes:
        writers = [processes.submit(write_until_it_ends, server.uri, each) for each in range(4)]
        while reader.count("killed") < ROWS:
            time.sleep(0.1)
        stop(server, signal.SIGKILL)
        outcomes = [writer.result() for writer in writers]
    again = start_lite_server(tmp_path / "data")
    try:
        for writer, (acknowledged, unseen) in enumerate(outcomes):
            assert not unseen, "acknowledged rows could not be read at once"
            assert_kept(MilvusIndex(again.uri), writer, acknowledged)
    finally:
        stop(again, signal.SIGKILL)


def assert_kept(index: MilvusIndex, writer: int, numbers: list[int]) -> None:
    """Each row is there with its own values."""
    rows = [make_row(n) for n in numbers]
    found, vectors = index.get("killed", [row.item.key for row in rows])
    assert found == rows
    expected = np.tile(make_vectors(BATCH, DIM, seed=writer), (len(rows) // BATCH, 1))
    assert np.allclose(vectors, expected)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_closes_cleanly_and_keeps_everything(
    server: Server, tmp_path: Path, number: signal.Signals
) -> None:
    index = MilvusIndex(server.uri)
    index.create("kept", DIM)
    rows, vectors = [make_row(n) for n in range(300)], make_vectors(300, DIM)
    index.upsert("kept", rows, vectors)
    port = int(server.uri.rpartition(":")[2])
    assert stop(server, number) == 0
    assert not list((tmp_path / "data").rglob("wal_*.arrow")), "the log was not closed"
    again = start_lite_server(tmp_path / "data", port)
    try:
        found, kept = index.get("kept", [row.item.key for row in rows])
        assert found == rows
        assert np.allclose(kept, vectors)
        assert len(index.search("kept", vectors[:1], TEXT, 5)[0]) == 5
    finally:
        stop(again)


def test_a_question_is_answered_in_one_call_with_the_rows_of_its_first(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    index = MilvusIndex(server.uri)
    index.create("asked", DIM)
    rows, vectors = [make_row(n) for n in range(30)], make_vectors(30, DIM)
    index.upsert("asked", rows, vectors)
    monkeypatch.delattr(MilvusIndex, "search")
    monkeypatch.delattr(MilvusIndex, "rows")
    [texts, images] = index.nearest("asked", vectors[7], [TEXT, IMAGE], 20, shown=2)
    assert len(texts.scored) == 20
    assert texts.rows[0] == rows[7]
    assert [row.item.key for row in texts.rows] == [one.key for one in texts.scored[:2]]
    assert (images.scored, images.rows) == ([], [])
    monkeypatch.undo()
    # Neither a stop nor another server in its place is seen by who asks.
    assert stop(server) == 0
    again = start_lite_server(tmp_path / "data", int(server.uri.rpartition(":")[2]))
    try:
        assert index.nearest("asked", vectors[7], [TEXT], 20)[0].scored == texts.scored
        with pytest.raises(SamespaceError, match="dim"):
            index.nearest("asked", vectors[7][:5], [TEXT], 20)
    finally:
        stop(again)


def test_another_version_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(lite_server, "LITE_VERSION", "3.2.1")
    with pytest.raises(Misconfigured, match=r"3\.2\.1 is needed, 3\.2\.2 is installed"):
        lite_server.check_version()
    assert lite_server.main(["--data-dir", str(tmp_path), "--port", str(free_port())]) == 2


def test_only_loopback_is_bound() -> None:
    for host in ("127.0.0.1", "::1", "localhost"):
        lite_server.check_host(host)
    for host in ("0.0.0.0", "192.0.2.1", "example.org"):
        with pytest.raises(Misconfigured, match=host):
            lite_server.check_host(host)


def test_a_server_that_is_gone_is_unavailable() -> None:
    address = f"http://127.0.0.1:{free_port()}"
    index = MilvusIndex(address, token="root:geheim", timeout=2.0)
    with pytest.raises(SamespaceError, match=address) as raised:
        index.ping()
    assert raised.value.code == "unavailable"
    assert "geheim" not in str(raised.value)


def test_the_values_of_a_list_are_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not for every row, of which there may be 50,000."""
    from milvus_lite.schema.types import CollectionSchema, DataType, FieldSchema
    from milvus_lite.search.filter import compile_filter
    from milvus_lite.search.filter.ast import StringLit
    from milvus_lite.search.filter.eval import evaluate_python, python_backend

    looked: list[str] = []
    original = python_backend._eval_row

    def counting(node: Any, row: Any) -> Any:
        looked.extend([node.value] if isinstance(node, StringLit) else [])
        return original(node, row)

    monkeypatch.setattr(python_backend, "_eval_row", counting)
    lite_server.remember_lists()
    keys = FieldSchema("key", DataType.VARCHAR, is_primary=True, max_length=8)
    schema = CollectionSchema([keys, FieldSchema("number", DataType.INT64)])
    rows = pa.table({"key": ["a", "b", "c", None], "number": [1, 2, 3, 4]})
    for filter, fits in (
        ('key in ["a", "c", "z"]', [True, False, True, False]),
        ('key not in ["a", "c", "z"]', [False, True, False, False]),
        ('key in ["a", "c", "z"] and number > 1', [False, False, True, False]),
    ):
        looked.clear()
        assert evaluate_python(compile_filter(filter, schema), rows).to_pylist() == fits
        assert looked == ["a", "c", "z"]


@pytest.mark.slow
def test_a_list_together_with_metadata_answers_right(server: Server) -> None:
    index = MilvusIndex(server.uri)
    index.create("listed", 8)
    rows = [make_row(number, metadata={"even": number % 2 == 0}) for number in range(40)]
    index.upsert("listed", rows, make_vectors(len(rows)))
    some = OneOf(frozenset(row.item.key for row in rows[:20]))
    is_even = parse_filter({"even": True})
    for where, wanted in (
        (AllOf((some, is_even)), rows[:20:2]),
        (AllOf((Not(some), is_even)), rows[20::2]),
    ):
        [hits] = index.search("listed", make_vectors(1), TEXT, 40, where)
        assert {hit.key for hit in hits} == {row.item.key for row in wanted}
