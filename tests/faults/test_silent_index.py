"""A Milvus that hangs: that is said soon, one call after the other and many at once, until it goes on."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from samespace.core.errors import Unavailable
from samespace.core.types import TEXT
from samespace.store.index_milvus import MilvusIndex
from tests.services import run_lite_server
from tests.store.rows import make_row, make_vectors

WAIT = 3.0


@pytest.mark.alone
@pytest.mark.slow
def test_a_hanging_index_is_noticed_and_not_waited_for_twice(tmp_path: Path) -> None:
    with run_lite_server(tmp_path) as server:
        index = MilvusIndex(server.uri, timeout=WAIT)
        index.create("one", 8)
        index.upsert("one", [make_row(0)], make_vectors(1))

        def ask(_: int = 0) -> float:
            began = time.monotonic()
            with pytest.raises(Unavailable):
                index.search("one", make_vectors(1), TEXT, 5)
            return time.monotonic() - began

        server.process.send_signal(signal.SIGSTOP)
        try:
            first = ask()
            again = [ask() for _ in range(3)]
            with ThreadPoolExecutor(16) as threads:
                many = list(threads.map(ask, range(32)))
        finally:
            server.process.send_signal(signal.SIGCONT)
        assert WAIT * 0.8 < first < WAIT * 4
        assert min(again) < 0.5
        assert max(*again, *many) < WAIT * 2
        deadline = time.monotonic() + 20
        while True:
            try:
                (found,) = index.search("one", make_vectors(1), TEXT, 5)
                break
            except Unavailable:
                assert time.monotonic() < deadline
                time.sleep(0.2)
        assert len(found) == 1
