"""A start collects no garbage and then does again; an end takes nothing apart, and loses nothing that was said."""

import subprocess
import sys

from tests.services import ROOT

_START = """
import gc
from samespace.core.leisure import keep_what_is_there, put_off_collecting

keep_what_is_there()
assert gc.get_freeze_count() == 0  # nothing was put off
put_off_collecting()
assert not gc.isenabled()
keep_what_is_there()
assert gc.isenabled()
assert gc.get_freeze_count() > 1000
put_off_collecting(at_most=0.01)
while not gc.isenabled():
    pass
"""
_END = """
import atexit, logging.handlers, sys
from samespace.core.leisure import leave

class Slow:
    def __del__(self):
        print("taken apart")

slow = Slow()
slow.itself = slow
atexit.register(print, "at the end")
logging.getLogger().addHandler(
    logging.handlers.MemoryHandler(100, target=logging.StreamHandler(sys.stdout))
)
logging.warning("kept back")
leave(7)
"""


def run(code: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    return done.returncode, done.stdout


def test_collecting_is_put_off_and_taken_up_again() -> None:
    assert run(_START) == (0, "")


def test_an_end_runs_what_is_to_run_then_and_flushes_what_was_said() -> None:
    assert run(_END) == (7, "at the end\nkept back\n")
