"""A short `make chaos`: the real stack under load, its processes killed, and every promise checked afterwards."""

import gc
from pathlib import Path

import pytest

from benchmarks.chaos.run import Plan, run

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    # The sockets of requests whose server was killed are closed whenever they are collected.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def test_a_moment_of_chaos_breaks_no_promise(tmp_path: Path) -> None:
    # A parser, a worker and the index are killed.
    plan = Plan(seed=541, seconds=10, lease=4, is_hasty=True)
    figures = run(plan, tmp_path, print)
    gc.collect()
    assert not figures.broken, "\n".join(figures.broken)
    assert figures.acknowledged_documents > 0
    assert sum(figures.faults.values()) > 0
