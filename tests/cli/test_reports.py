"""What is said reaches who reads it, and waits for nobody: no reader that is gone or slow, no disk that is full."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from samespace.operations.stack.reports import Reports
from tests.full import no_growth
from tests.services import ROOT


def test_lines_come_in_order(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as file, Reports(file.fileno()) as reports:
        for number in range(500):
            reports.say(f"línea {number}")
    assert (tmp_path / "out").read_text() == "".join(f"línea {n}\n" for n in range(500))


def test_a_reader_that_is_gone_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with Reports(writer) as reports:
        for number in range(5000):
            reports.say(f"line {number}")
    os.close(writer)


def test_a_reader_that_does_not_read_keeps_nobody_waiting() -> None:
    reader, writer = os.pipe()
    began = time.monotonic()
    reports = Reports(writer)
    with reports:
        for number in range(5000):
            reports.say(f"line {number} " + "x" * 100)
        assert time.monotonic() - began < 10
    assert time.monotonic() - began < 20  # who waited for the reader would do so for good
    # It finds whole lines, if not all of them.
    assert re.match(rb"line \d+ x{100}\nline \d+ x{100}\n", os.read(reader, 1000))
    os.close(reader)
    reports._thread.join(5)
    os.close(writer)


def test_what_a_full_disk_refuses_is_written_once_there_is_room(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as file, Reports(file.fileno()) as reports:
        with no_growth():
            reports.say("one")
            reports.say("two")
            time.sleep(1.2)
            assert (tmp_path / "out").read_text() == ""
        reports.say("three")
    assert (tmp_path / "out").read_text() == "one\ntwo\nthree\n"


def test_a_disk_that_stays_full_holds_up_no_end() -> None:
    began = time.monotonic()
    with Path("/dev/full").open("wb", buffering=0) as full, Reports(full.fileno()) as reports:
        reports.say("one")
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("closed", [">&-", "| true", "> /dev/full", "| (sleep 1)"])
def test_a_process_ends_well_whatever_its_output_is(closed: str) -> None:
    script = (
        "from samespace.operations.stack.reports import Reports\n"
        "with Reports() as reports:\n"
        "    for number in range(2000): reports.say('x' * 100)\n"
        "import sys; print('well', file=sys.stderr)"
    )
    command = ["bash", "-o", "pipefail", "-c", f'"$0" -c "$1" {closed}', sys.executable, script]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "well\n")
