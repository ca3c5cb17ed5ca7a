"""A process that stands back does so with every thread and every child."""

import subprocess
import sys

import pytest

from tests.services import ROOT

_REPORT = """
import os, subprocess, sys, threading
from samespace.core.yielding import yield_to_others

release = threading.Event()
early = threading.Thread(target=release.wait, daemon=True)
early.start()
wanted = min(os.nice(0) + 3, 19)
yield_to_others(3)
ask = [sys.executable, "-c", "import os; print(os.nice(0))"]
child = int(subprocess.run(ask, capture_output=True, check=True, text=True).stdout)
tasks = [int(task) for task in os.listdir("/proc/self/task")]
assert {child, *(os.getpriority(os.PRIO_PROCESS, task) for task in tasks)} == {wanted}
print(len(tasks))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_threads_that_were_there_and_children_stand_back_too() -> None:
    shown = subprocess.run(
        [sys.executable, "-c", _REPORT], capture_output=True, check=True, text=True, cwd=ROOT
    )
    assert int(shown.stdout) > 1
