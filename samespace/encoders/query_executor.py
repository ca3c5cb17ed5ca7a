"""Queries that are encoded beside the batches of the encoding thread, some at a time."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from samespace.core.asker import asker
from samespace.core.types import Vectors


class QueryExecutor:
    """Calls `encode` for whoever asks: as many at once as `threads` in the thread that asks, which is quickest, and the
    others as they came in as many threads of their own.

    Those start when they are needed, so an object made before a fork is still usable after it. `count` is told the
    items and seconds of each call.
    """

    def __init__(
        self,
        encode: Callable[[Sequence[str]], Vectors | None],
        threads: int,
        count: Callable[[int, float], None],
    ) -> None:
        self._encode = encode
        self._threads = threads
        self._count = count
        self._free = threading.Semaphore(threads)
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None

    def rows(self, texts: Sequence[str]) -> Vectors | None:
        """What `encode` makes of them, or its error, raised; GivenUp, TooLate as the one who asked waits."""
        if self._free.acquire(blocking=False):
            try:
                return self._timed(texts)
            finally:
                self._free.release()
        future: Future[Vectors | None] = self._started().submit(self._timed, texts)
        try:
            return asker().result(future)
        finally:
            future.cancel()

    def close(self) -> None:
        """Finish what was asked, then end the threads."""
        with self._lock:
            if self._pool:
                self._pool.shutdown()

    def _started(self) -> ThreadPoolExecutor:
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="query")
            return self._pool

    def _timed(self, texts: Sequence[str]) -> Vectors | None:
        began = time.perf_counter()
        rows = self._encode(texts)
        if rows is not None:
            self._count(len(texts), time.perf_counter() - began)
        return rows
