"""The demo as `make demo` runs it, on the whole sample corpus: a first run on a fresh folder, and a second."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.services import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

HEADLINES = (
    "words to passages",
    "words to pictures",
    "picture to pictures",
    "picture to passages",
    "mixed",
    "zero-shot classes of",
    "classes of every picture of the collection",
)


def demo(data: Path) -> str:
    """What a run prints; it has to answer every query and to end well."""
    command = [sys.executable, "-m", "recipes.demo", "--data", str(data)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def test_every_kind_of_question_is_answered_and_a_second_run_embeds_nothing(tmp_path: Path) -> None:
    first, second = demo(tmp_path / "data"), demo(tmp_path / "data")
    assert "the last stop was not clean" not in second
    for shown in (first, second):
        assert [headline for headline in HEADLINES if f"\n== {headline}" not in shown] == []
        asked, found = re.findall(r"== (\d+) of (\d+) queries found a right sample", shown)[0]
        assert asked == found
    assert re.search(r"^[1-9]\d* added, 0 failed$", first, re.MULTILINE)
    assert re.search(r"^0 added, [1-9]\d* unchanged, 0 failed$", second, re.MULTILINE)
