"""The child process that lays out a map, and how vectors get there: a batch at a time, none is kept here."""

import selectors
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, cast

import numpy as np
from numpy.typing import NDArray

from samespace.core.errors import SamespaceError
from samespace.core.types import Vectors
from search.frames import read_array, write_array
from search.layout import Places

_LOOK_SECONDS = 0.5
_NUMBA = "numba"


class LayoutProcess:
    """A process that takes vectors and answers places; ends with the block, whatever it is at.

    `cache` is a folder for what numba compiles, so that it does so once and not in the folder of a library.
    """

    def __init__(self, cache: Path) -> None:
        cache.mkdir(parents=True, exist_ok=True)
        program = (
            f"import sys; sys.path[:] = {sys.path!r}; from search.layout_child import main; main()"
        )
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env={
                "NUMBA_CACHE_DIR": str(cache / _NUMBA),
                "NUMBA_NUM_THREADS": "1",
                "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1",
            },
            start_new_session=True,
        )
        self._dim: int | None = None

    def send(self, vectors: Vectors) -> None:
        """Some more vectors, (n, dim)."""
        if len(vectors):
            self._dim = vectors.shape[1]
            self._write(vectors)

    def places(
        self, kinds: NDArray[np.uint8], former: Places, go_on: Callable[[float], bool]
    ) -> Places | None:
        """The places of all that was sent, see `search.layout.lay_out`.

        `go_on` is told twice a second which share is done; where it answers False, None is answered.
        """
        self._write(np.zeros((0, self._dim or 1), np.float32))
        self._write(kinds)
        self._write(former)
        share, answers = 0.0, cast("BinaryIO", self._process.stdout)
        while go_on(share):
            if _is_ready(answers):
                answer = self._read(answers)
                if answer.ndim:
                    return answer
                share = float(answer)
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            cast("BinaryIO", pipe).close()

    def _write(self, array: NDArray[Any]) -> None:
        try:
            write_array(cast("BinaryIO", self._process.stdin), array)
        except BrokenPipeError as error:
            raise self._died() from error

    def _read(self, answers: BinaryIO) -> NDArray[Any]:
        try:
            return read_array(answers)
        except EOFError as error:
            raise self._died() from error

    def _died(self) -> SamespaceError:
        status = self._process.wait()
        return SamespaceError(
            f"the process that lays out the map ended with status {status}; the log of its worker may say why"
        )


def _is_ready(answers: BinaryIO) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(answers, selectors.EVENT_READ)
        return bool(selector.select(_LOOK_SECONDS))
