"""`make bench` keeps working on a real stack; how fast this machine is, is not judged here."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.run import SCENARIOS, USUAL, options_of
from tests.services import ROOT

SMALL = (
    *("--only", "accept", "questions", "memory", "--accept", "20", "--rows", "40"),
    *("--questions", "3", "--seconds", "0.5", "--rest", "0.1"),
)


def test_without_a_choice_all_is_measured_but_what_takes_long() -> None:
    options = options_of([])
    assert set(options.only) == set(USUAL) == set(SCENARIOS) - {"upload", "workers"}
    assert options.rows == [1000, 10_000]
    assert options_of(["--only", "idle", "--rows", "100000"]).rows == [100_000]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_command_measures_what_was_chosen(tmp_path: Path) -> None:
    out = tmp_path / "bench.json"
    command = [sys.executable, "-m", "benchmarks.run", *SMALL, "--out", str(out)]
    environment = os.environ | {"SAMESPACE_WORKER_NICE": "0"}
    ended = subprocess.run(
        command, check=False, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=800
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    told = json.loads(out.read_text())
    values = {name: figure["value"] for name, figure in told["figures"].items()}
    assert {name.partition("/")[0] for name in values} == {"accept", "questions", "memory"}
    assert values["accept/small document"] > 0
    assert 40 <= values["questions/40 rows/there"] <= 42
    asked = "questions/40 rows/settled"
    assert 0 < values[f"{asked} p50"] <= values[f"{asked} p95"]
    assert values["questions/40 rows/8 clients together"] > 0
    assert values["memory/stack"] > values["memory/api"] > 0
    assert told["machine"]["cores"] >= 1
