"""Children are told to stop once, in order, also those that were started again."""

import os
import sys
import time
from pathlib import Path

import psutil

from samespace.cli.supervise import Program, Supervisor

# As every part of the stack: it ends with its parent, which for the kernel is the thread that started it.
_CHILD = """
import signal, sys, time
from pathlib import Path
from samespace.cli.child import _end_with_parent
told = []
signal.signal(signal.SIGTERM, lambda *_: told.append(time.time()))
_end_with_parent()
Path(sys.argv[1]).write_text("ready")
while not told:
    time.sleep(0.01)
time.sleep(0.5)
Path(sys.argv[1]).write_text(str(len(told)))
"""


def test_a_child_that_was_started_again_is_told_to_stop_once(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(tmp_path, tmp_path, said.append, log_bytes=1 << 20, log_files=1)
    told = tmp_path / "told"
    command = [sys.executable, "-c", _CHILD, str(told)]
    supervisor.start([Program("child", command, os.environ, told.exists)])
    supervisor.watch_in_background()
    told.unlink()
    psutil.Process(int((tmp_path / "child.pid").read_text().split()[0])).kill()
    deadline = time.monotonic() + 30
    while not told.exists():
        assert time.monotonic() < deadline, said
        time.sleep(0.05)
    assert supervisor.stop()
    assert told.read_text() == "1"
