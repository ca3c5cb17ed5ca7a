"""Logs stay within their bounds and lose no line, whoever writes and however much."""

import sys
import time
from pathlib import Path

import pytest

from samespace.operations.stack.logs import rotate
from samespace.operations.stack.program import Program
from samespace.operations.stack.supervisor import Supervisor
from tests.services import ROOT

LOG_BYTES, KEPT, LINES = 30_000, 3, 12_000

CHATTY = f"""
import sys, time
from pathlib import Path
from samespace.operations.stack import logs
logs._LOOKS_EVERY_SECONDS = 0.02
logs.follow(Path(sys.argv[1]))
for number in range({LINES}):
    print(f"line {{number:06}} " + "x" * 50, flush=True)
    if number % 100 == 0:
        time.sleep(0.05)
Path(sys.argv[2]).touch()
time.sleep(60)
"""


@pytest.mark.slow
def test_a_chatty_program_fills_no_disk_and_its_last_lines_are_there(tmp_path: Path) -> None:
    logs, pids, done = tmp_path / "logs", tmp_path / "run", tmp_path / "done"
    logs.mkdir()
    pids.mkdir()
    said: list[str] = []
    supervisor = Supervisor(logs, pids, said.append, log_bytes=LOG_BYTES, log_files=KEPT)
    log = logs / "chatty.log"
    command = [sys.executable, "-c", CHATTY, str(log), str(done)]
    supervisor.start([Program("chatty", command, {"PYTHONPATH": str(ROOT)}, lambda: True)])
    supervisor.watch_in_background()
    try:
        deadline = time.monotonic() + 60
        while not done.exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        supervisor.stop()

    assert said == []
    files = [log.with_name(f"chatty.log.{number}") for number in (3, 2, 1)]
    files += [log] if log.exists() else []
    assert sorted(logs.iterdir()) == sorted(files)
    text = "".join(file.read_text() for file in files)
    assert len(text) < LINES * 63 / 2
    numbers = [int(line.split()[1]) for line in text.splitlines()]
    assert numbers == list(range(numbers[0], LINES))


def test_the_oldest_log_goes(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    for number in range(5):
        log.write_text(f"{number}" * 10)
        assert rotate(log, 9, 2)
        assert not log.exists()

    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {
        "api.log.1": "4" * 10,
        "api.log.2": "3" * 10,
    }


def test_a_small_log_and_one_that_is_not_there_stay(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    assert not rotate(log, 9, 2)
    log.write_text("small")
    assert not rotate(log, 9, 2)
    assert log.read_text() == "small"
