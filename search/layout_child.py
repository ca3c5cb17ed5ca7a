"""What runs in the child process of `search.layout_process`: reads vectors, lays them out, answers places.

A process of its own, because numba and its compiled code stay in memory for as long as their process lives.
"""

import json
import os
import sys
import threading
import warnings
from typing import BinaryIO

import numpy as np
from numpy.lib import format as npy

from samespace.core.yielding import yield_to_others
from search.layout import lay_out

_NICE = 19


def main() -> None:
    """Vectors in arrays until an empty one, kinds and former places on stdin; shares done as lines of JSON, and at
    last the places as an array on stdout."""
    yield_to_others(_NICE)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # libraries may print
    vectors = _read_until_empty(sys.stdin.buffer)
    kinds, former = _read(sys.stdin.buffer), _read(sys.stdin.buffer)
    threading.Thread(target=_end_with_parent, args=[sys.stdin.buffer], daemon=True).start()
    warnings.simplefilter("ignore")

    def tell(share: float) -> None:
        answers.write(json.dumps(share).encode() + b"\n")
        answers.flush()

    places = lay_out(vectors, kinds, former, tell)
    answers.write(b"\n")
    npy.write_array(answers, places)
    answers.flush()


def _read_until_empty(stream: BinaryIO) -> "np.ndarray":
    batches = []
    while len(batch := _read(stream)):
        batches.append(batch)
    return np.concatenate(batches or [batch])


def _read(stream: BinaryIO) -> "np.ndarray":
    return npy.read_array(stream, allow_pickle=False)


def _end_with_parent(stream: BinaryIO) -> None:
    """The other end of stdin is held open until the answer was read, or the parent is dead."""
    stream.read()
    os._exit(1)


if __name__ == "__main__":
    main()
