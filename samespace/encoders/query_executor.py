"""Queries that are encoded beside the batches of the encoding thread, some at a time."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from samespace.core.asker import asker
from samespace.core.content import Content
from samespace.core.types import Vectors

# So many of short questions are encoded together: at 8 tokens each, four of them take 13 ms of processor and not 23.
_CHARACTERS = 1000


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    """Texts that somebody waits for."""

    contents: Sequence[Content]
    future: "Future[Vectors | None]" = field(default_factory=Future)


class QueryExecutor:
    """Calls `encode` for whoever asks: as many at once as `threads` in the thread that asks, which is quickest, and the
    others as they came in as many threads of their own, each of which takes all short ones that wait at once.

    Those start when they are needed, so an object made before a fork is still usable after it. `count` is told the
    items and seconds of each call.
    """

    def __init__(
        self,
        encode: Callable[[Sequence[Content]], Vectors | None],
        threads: int,
        count: Callable[[int, float], None],
    ) -> None:
        self._encode = encode
        self._threads = threads
        self._count = count
        self._free = threading.Semaphore(threads)
        self._lock = threading.Lock()
        self._waiting: deque[_Waiting] = deque()
        self._pool: ThreadPoolExecutor | None = None

    def rows(self, contents: Sequence[Content]) -> Vectors | None:
        """What `encode` makes of them, or its error, raised; GivenUp, TooLate as the one who asked waits."""
        if self._free.acquire(blocking=False):
            try:
                return self._timed(contents)
            finally:
                self._free.release()
        waiting = _Waiting(contents)
        self._waiting.append(waiting)
        self._started().submit(self._answer_some)
        try:
            return asker().result(waiting.future)
        finally:
            waiting.future.cancel()

    def close(self) -> None:
        """Finish what was asked, then end the threads."""
        with self._lock:
            pool = self._pool
        if pool:  # not with the lock: what they finish takes it
            pool.shutdown()

    def _started(self) -> ThreadPoolExecutor:
        with self._lock:
            if self._pool is None:
                # One less than those who ask encode themselves: more would take the cores from them, and gather fewer.
                threads = max(1, self._threads - 1)
                self._pool = ThreadPoolExecutor(threads, thread_name_prefix="query")
            return self._pool

    def _answer_some(self) -> None:
        """Those that waited longest; who waits no more is passed over."""
        taken = [each for each in self._taken() if each.future.set_running_or_notify_cancel()]
        try:
            self._answer_all(taken)
        except Exception:
            # One of them that cannot be encoded fails for nobody else.
            for each in taken:
                self._answer_one(each)

    def _taken(self) -> list[_Waiting]:
        taken: list[_Waiting] = []
        room = _CHARACTERS
        with self._lock:
            while self._waiting:
                room -= sum(len(each.text) for each in self._waiting[0].contents)
                if taken and room < 0:
                    break
                taken.append(self._waiting.popleft())
        return taken

    def _answer_all(self, taken: Sequence[_Waiting]) -> None:
        if not taken:
            return
        rows = self._timed([content for each in taken for content in each.contents])
        first = 0
        for each in taken:
            last = first + len(each.contents)
            each.future.set_result(None if rows is None else rows[first:last])
            first = last

    def _answer_one(self, waiting: _Waiting) -> None:
        try:
            waiting.future.set_result(self._timed(waiting.contents))
        except Exception as error:
            waiting.future.set_exception(error)

    def _timed(self, contents: Sequence[Content]) -> Vectors | None:
        began = time.perf_counter()
        rows = self._encode(contents)
        if rows is not None:
            self._count(len(contents), time.perf_counter() - began)
        return rows
