"""What runs in the child process of `search.layout_process`: reads vectors, lays them out, answers places.

A process of its own, because numba and its compiled code stay in memory for as long as their process lives.
"""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samespace.core.processes.child import jobs, socket_to
from samespace.core.processes.messages import send
from samespace.core.processes.packing import pack_answer
from samespace.core.types import Vectors
from samespace.core.yielding import yield_to_others
from search.layout import Places, lay_out

# Behind the worker that started it, and yet with a share: at 19 it would get a seventieth where others are at work.
_NICE = 5


@dataclass(frozen=True, slots=True)
class Rows:
    """Some more vectors, (n, dim); not answered."""

    vectors: Vectors


@dataclass(frozen=True, slots=True)
class LayOut:
    """Lay out the vectors that came; answered by shares of the work as they are done, and at last by the places."""

    kinds: NDArray[np.uint8]
    former: Places


def main(descriptor: int, parent: int) -> None:
    """Do what comes on the socket, until it is closed."""
    with socket_to(parent, descriptor) as parent_end:
        yield_to_others(_NICE)
        warnings.simplefilter("ignore")

        def answer(result: Places | float) -> None:
            send(parent_end, pack_answer(result))

        read: list[Vectors] = []
        for job in jobs(parent_end):
            if isinstance(job, Rows):
                read.append(job.vectors)
            else:
                vectors = np.concatenate(read) if read else np.zeros((0, 1), np.float32)
                answer(lay_out(vectors, job.kinds, job.former, answer))
