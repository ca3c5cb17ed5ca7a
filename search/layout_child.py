"""What runs in the child process of `search.layout_process`: reads vectors, lays them out, answers places.

A process of its own, because numba and its compiled code stay in memory for as long as their process lives.
"""

import os
import sys
import threading
import warnings
from typing import BinaryIO

import numpy as np

from samespace.core.types import Vectors
from samespace.core.yielding import yield_to_others
from search.frames import read_array, write_array
from search.layout import lay_out

# Behind the worker that started it, and yet with a share: at 19 it would get a seventieth where others are at work.
_NICE = 5


def main() -> None:
    """On stdin vectors until an array of none, kinds and former places; on stdout shares of the work as they are
    done, shape (), and at last the places, (n, 2)."""
    yield_to_others(_NICE)
    warnings.simplefilter("ignore")
    with os.fdopen(os.dup(1), "wb", buffering=0) as answers:
        os.dup2(2, 1)  # libraries may print
        vectors = _read_vectors(sys.stdin.buffer)
        kinds, former = read_array(sys.stdin.buffer), read_array(sys.stdin.buffer)
        threading.Thread(target=_end_with_parent, args=[sys.stdin.buffer], daemon=True).start()
        write_array(
            answers,
            lay_out(vectors, kinds, former, lambda share: write_array(answers, np.array(share))),
        )
    os._exit(
        0
    )  # the thread that waits for the parent holds stdin, which an orderly end would wait for


def _read_vectors(stream: BinaryIO) -> Vectors:
    batches = [read_array(stream)]
    while len(batches[-1]):
        batches.append(read_array(stream))
    return np.concatenate(batches)


def _end_with_parent(stream: BinaryIO) -> None:
    """The other end of stdin is open until the places were read or the parent is dead."""
    stream.read()
    os._exit(1)
