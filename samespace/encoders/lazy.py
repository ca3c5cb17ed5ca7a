"""Something that takes seconds to load, loaded when it is first needed."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from samespace.core.asker import asker

T = TypeVar("T")


class Lazy(Generic[T]):
    """What `load` makes, made once; any thread may ask, and who asks meanwhile waits for the same."""

    def __init__(self, load: Callable[[], T]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._loading: Future[T] | None = None

    @property
    def is_loaded(self) -> bool:
        """Whether `get` answers at once."""
        loading = self._loading
        return loading is not None and loading.done() and loading.exception() is None

    def get(self) -> T:
        """What was loaded, or the error of loading it, which the next call tries again.

        GivenUp, TooLate as the one who asked waits; it goes on being loaded for the next.
        """
        loading = self._loading
        if loading is not None and loading.done():
            return loading.result()
        return asker().result(self._begin())

    def _begin(self) -> "Future[T]":
        with self._lock:
            if self._loading is None:
                self._loading = Future()
                threading.Thread(target=self._run, args=[self._loading], daemon=True).start()
            return self._loading

    def _run(self, loading: "Future[T]") -> None:
        try:
            loading.set_result(self._load())
        except BaseException as error:
            with self._lock:
                self._loading = None
            loading.set_exception(error)
