"""What a process that lives long does at its start and end so that both are short.

Importing torch and its kin makes a million objects that stay, and the collector of cyclic garbage looks at them over
and over while they come, and again in the middle of questions: that was a quarter of the start. Taking them apart at
the end takes seconds, too, and nobody needs it.
"""

import atexit
import gc
import logging
import os
import sys
import threading
from contextlib import suppress
from typing import NoReturn

_LONGEST_START = 120.0


def put_off_collecting(at_most: float = _LONGEST_START) -> None:
    """Look for no garbage until `keep_what_is_there`, or for so many seconds; what is imported makes little."""
    gc.disable()
    # A start may wait for a server for days.
    timer = threading.Timer(at_most, keep_what_is_there)
    timer.daemon = True
    timer.start()


def keep_what_is_there() -> None:
    """The start is over: collect again, without what is there now. Does nothing where nothing was put off."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def leave(status: int) -> NoReturn:
    """End the process without taking the interpreter apart, once everything that matters is closed."""
    with suppress(Exception):
        atexit._run_exitfuncs()
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):  # a reader that has gone, a disk that is full
            stream.flush()
    os._exit(status)
