"""`make load` keeps working; how fast this machine is, is not judged here."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services import ROOT

pytestmark = pytest.mark.slow

SMALL = (
    *("--clients", "2", "--uploaders", "2", "--seconds", "3", "--rounds", "1"),
    *("--documents", "8", "--prepared", "200", "--queue", "24"),
)


def test_the_command_measures_both_phases_and_judges_them(tmp_path: Path) -> None:
    out = tmp_path / "load.json"
    command = [sys.executable, "-m", "benchmarks.load", *SMALL, "--out", str(out)]
    ended = subprocess.run(
        command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=400
    )
    assert out.exists(), ended.stdout + ended.stderr
    figures = json.loads(out.read_text())
    assert figures["errors"] == {}
    for phase in ("queries alone", "queries during bulk"):
        assert 0 < figures[phase]["p50_ms"] <= figures[phase]["p95_ms"] <= figures[phase]["p99_ms"]
        assert figures[phase]["busy"] == 0
    assert figures["uploads during bulk"]["per_s"] > 0
    assert figures["passed"] == (figures["ratio of p95"] <= 3)
    assert ended.returncode == (0 if figures["passed"] else 1)
