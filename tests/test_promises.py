"""docs/promises.md names tests that exist, and no test of a fault is missing there."""

import re

from tests.services import ROOT

NAMED = set(
    re.findall(r"`(tests/[\w/]+\.py)`", (ROOT / "docs" / "promises.md").read_text(encoding="utf-8"))
)


def test_every_test_that_holds_a_promise_is_there() -> None:
    assert NAMED
    assert [name for name in sorted(NAMED) if not (ROOT / name).is_file()] == []


def test_every_fault_that_is_tested_is_promised() -> None:
    tested = {f"tests/faults/{file.name}" for file in (ROOT / "tests/faults").glob("test_*.py")}
    assert tested - NAMED == {"tests/faults/test_chaos.py"}  # the page names the command
