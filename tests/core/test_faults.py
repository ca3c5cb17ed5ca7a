"""Fault points: what is armed happens where and as often as it was asked for, and nothing else does."""

import ast
import errno
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from samespace.core import faults
from samespace.core.errors import Misconfigured
from samespace.core.faults import POINTS, arm, fault_point
from tests.services import ROOT


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    arm("")


def test_nothing_happens_where_nothing_is_armed() -> None:
    arm("blobs.write=full")
    fault_point("upload.write")
    arm("")
    fault_point("blobs.write")


def test_a_full_disk_is_full_as_long_as_the_file_is_there(tmp_path: Path) -> None:
    file = tmp_path / "full"
    arm(f"blobs.write=full:{file}, upload.write=broken")
    fault_point("blobs.write")
    file.touch()
    for _ in range(2):
        with pytest.raises(OSError, match="No space left") as raised:
            fault_point("blobs.write")
        assert raised.value.errno == errno.ENOSPC
    file.unlink()
    fault_point("blobs.write")
    with pytest.raises(OSError, match="Input/output"):
        fault_point("upload.write")


def test_a_process_dies_at_the_nth_time_and_takes_the_file_along(tmp_path: Path) -> None:
    file = tmp_path / "die"
    file.touch()
    code = (
        "from samespace.core.faults import arm, fault_point\n"
        f"arm('work.claimed=kill@3:{file}')\n"
        "for number in range(1, 9):\n"
        "    print(number, flush=True)\n"
        "    fault_point('work.claimed')\n"
    )
    died = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert died.returncode == -signal.SIGKILL
    assert died.stdout.split() == ["1", "2", "3"]
    assert not file.exists()


@pytest.mark.parametrize(
    "wrong",
    ["nowhere=kill", "blobs.write=explode", "blobs.write", "blobs.write=kill@x", "=kill"],
)
def test_what_is_not_known_is_refused_and_nothing_of_it_armed(wrong: str) -> None:
    with pytest.raises(Misconfigured, match="SAMESPACE_FAULTS"):
        arm(f"upload.write=full,{wrong}")
    fault_point("upload.write")


def test_every_point_is_somewhere_and_every_one_reached_is_known() -> None:
    found = [
        str(argument.value)
        for top in ("ingest", "search", "workers", "samespace")
        for path in (ROOT / top).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == fault_point.__name__
        for argument in node.args
        if isinstance(argument, ast.Constant)
    ]
    assert sorted(found) == sorted(POINTS)
    assert faults._armed == {}
