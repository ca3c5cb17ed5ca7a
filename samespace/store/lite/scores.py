"""Inner products of questions with all rows: those that wait at the same time are multiplied together."""

import os
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from samespace.store.lite.table import Moment

AT_ONCE = 16
ROWS_EACH = 8192
"""So many rows are a thread's next share."""
WORTH_A_HELPER = 40_000
"""So many products take longer than waking another thread on a busy machine."""

Floats = NDArray[np.float32]


@dataclass(slots=True, eq=False)
class _Question:
    moment: Moment
    vector: Floats
    scores: Floats = field(default_factory=lambda: np.zeros(0, np.float32))
    is_answered: bool = False


class Questions:
    """The questions to one collection; who comes first multiplies for all who have come meanwhile."""

    def __init__(self) -> None:
        self._waiting: list[_Question] = []
        self._guard = threading.Lock()
        self._claim = threading.Lock()

    def scores(self, moment: Moment, vector: Floats) -> Floats:
        """The products with all rows of this moment, dead ones too, in their order; an array of the caller's own."""
        question = _Question(moment, vector)
        with self._guard:
            self._waiting.append(question)
        with self._claim:
            if not question.is_answered:
                self._answer(self._taken(question))
        return question.scores

    def _taken(self, first: _Question) -> list[_Question]:
        """This one, and others of the same moment."""
        with self._guard:
            fitting = [each for each in self._waiting if each.moment is first.moment]
            others = [each for each in fitting if each is not first]
            taken = [first, *others[: AT_ONCE - 1]]
            self._waiting = [each for each in self._waiting if each not in taken]
        return taken

    @staticmethod
    def _answer(taken: list[_Question]) -> None:
        products = multiplied(taken[0].moment, np.stack([each.vector for each in taken], axis=1))
        for number, each in enumerate(taken):
            each.scores = np.ascontiguousarray(products[:, number])
            each.is_answered = True


def multiplied(moment: Moment, questions: Floats) -> Floats:
    """(rows, questions) products; `questions` are columns. Large ones are shared by the cores."""
    out = np.empty((moment.size, questions.shape[1]), np.float32)
    shares = deque(_shares(moment, out))
    helpers = [_pool().submit(_work, shares, questions) for _ in range(_helpers(out.size))]
    _work(shares, questions)
    for helper in helpers:
        # one that was not begun has nothing left to do
        if not helper.cancel():
            helper.result()
    return out


def _helpers(products: int) -> int:
    return min(_CORES - 1, products // WORTH_A_HELPER)


def _shares(moment: Moment, out: Floats) -> Iterator[tuple[Floats, Floats]]:
    for part, start in zip(moment.parts, moment.starts.tolist(), strict=True):
        vectors = part.piece.vectors
        for first in range(0, len(vectors), ROWS_EACH):
            rows = vectors[first : first + ROWS_EACH]
            yield rows, out[start + first : start + first + len(rows)]


def _work(shares: deque[tuple[Floats, Floats]], questions: Floats) -> None:
    """Do shares until none is left: a core that is busy with something else holds up nobody."""
    while True:
        try:
            rows, out = shares.popleft()
        except IndexError:
            return
        if questions.shape[1] == 1:
            np.dot(rows, questions[:, 0], out=out[:, 0])
        else:
            np.matmul(rows, questions, out=out)


_CORES = len(os.sched_getaffinity(0))
_made: list[Any] = []
_making = threading.Lock()


def _pool() -> ThreadPoolExecutor:
    with _making:
        if not _made:
            _made.append(ThreadPoolExecutor(_CORES, thread_name_prefix="products"))
    pool: ThreadPoolExecutor = _made[0]
    return pool
