"""The child process that lays out a map, and how vectors get there: a batch at a time, none is kept here."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self, cast

import numpy as np
from numpy.typing import NDArray

from samespace.core.errors import SamespaceError
from samespace.core.processes.messages import receive, send
from samespace.core.processes.packing import pack_job, unpack_answer
from samespace.core.processes.process import ChildProcess
from samespace.core.types import Vectors
from search.layout import Places
from search.layout_child import LayOut, Rows

_LOOK_SECONDS = 0.5
_NUMBA = "numba"
_ANSWER: Any = Places | float


class LayoutProcess:
    """A process that takes vectors and answers places; ends with the block, whatever it is at.

    `cache` is a folder for what numba compiles, so that it does so once and not in the folder of a library.
    """

    def __init__(self, cache: Path) -> None:
        cache.mkdir(parents=True, exist_ok=True)
        compiled = {"NUMBA_CACHE_DIR": str(cache / _NUMBA), "NUMBA_NUM_THREADS": "1"}
        self._process = ChildProcess("search.layout_child", env=compiled)

    def send(self, vectors: Vectors) -> None:
        """Some more vectors, (n, dim)."""
        if len(vectors):
            self._send(Rows(vectors))

    def places(
        self, kinds: NDArray[np.uint8], former: Places, go_on: Callable[[float], bool]
    ) -> Places | None:
        """The places of all that was sent, see `search.layout.lay_out`.

        `go_on` is told twice a second which share is done; where it answers False, None is answered.
        """
        self._send(LayOut(kinds, former))
        share = 0.0
        while go_on(share):
            if self._process.has_answered(_LOOK_SECONDS):
                answer = self._receive()
                if not isinstance(answer, float):
                    return answer
                share = answer
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.close()

    def _send(self, job: object) -> None:
        try:
            send(self._process.socket, pack_job(job))
        except OSError as error:
            raise self._died() from error

    def _receive(self) -> Places | float:
        try:
            message = receive(self._process.socket, sys.maxsize)
        except (EOFError, OSError) as error:
            raise self._died() from error
        return cast("Places | float", unpack_answer(message, _ANSWER))

    def _died(self) -> SamespaceError:
        return SamespaceError(
            f"the process that lays out the map ended with status {self._process.wait()}; "
            "the log of its worker may say why"
        )
