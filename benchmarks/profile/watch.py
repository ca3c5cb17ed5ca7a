"""How long named functions take, each without those that it calls and that are watched too."""

import inspect
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from importlib import import_module
from typing import Any


@dataclass(frozen=True, slots=True)
class Stage:
    """What a person calls it, and the functions that it is, where they are looked up: `module:Class.name`."""

    label: str
    places: tuple[str, ...]


@dataclass(slots=True)
class _Open:
    """A call that has begun: when, and how long the watched calls within it took."""

    began: float
    within: float = 0.0


@dataclass(slots=True)
class Stopwatch:
    """Seconds by label since the last `lap`; any thread may be watched, each by itself."""

    _seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _local: threading.local = field(default_factory=threading.local)

    @contextmanager
    def timing(self, label: str) -> Iterator[None]:
        """Count the block under the label, less what is counted within it."""
        calls = self._calls()
        calls.append(call := _Open(time.perf_counter()))
        try:
            yield
        finally:
            calls.pop()
            took = time.perf_counter() - call.began
            if calls:
                calls[-1].within += took
            with self._lock:
                self._seconds[label] += took - call.within

    def lap(self) -> dict[str, float]:
        """The seconds of each label since it was last asked."""
        with self._lock:
            seconds, self._seconds = dict(self._seconds), defaultdict(float)
        return seconds

    def _calls(self) -> list[_Open]:
        if not hasattr(self._local, "calls"):
            self._local.calls = []
        calls: list[_Open] = self._local.calls
        return calls


@contextmanager
def watching(stages: Sequence[Stage]) -> Iterator[Stopwatch]:
    """Watch the functions of these stages while the block runs; AttributeError for one that is not there."""
    watch = Stopwatch()
    found = [(*owner_of(place), stage.label) for stage in stages for place in stage.places]
    before = [(owner, name, inspect.getattr_static(owner, name)) for owner, name, _ in found]
    try:
        for owner, name, label in found:
            setattr(owner, name, _watched(getattr(owner, name), label, watch))
        yield watch
    finally:
        for owner, name, value in before:
            setattr(owner, name, value)


def owner_of(place: str) -> tuple[Any, str]:
    """The module or class, and the name of the function in it."""
    module, _, path = place.partition(":")
    *outer, name = path.split(".")
    owner: Any = import_module(module)
    for each in outer:
        owner = getattr(owner, each)
    getattr(owner, name)
    return owner, name


def _watched(function: Callable[..., Any], label: str, watch: Stopwatch) -> Callable[..., Any]:
    if inspect.isgeneratorfunction(function):
        return _watched_generator(function, label, watch)

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        with watch.timing(label):
            return function(*args, **kwargs)

    return call


def _watched_generator(
    function: Callable[..., Iterator[Any]], label: str, watch: Stopwatch
) -> Callable[..., Iterator[Any]]:
    """What it takes to make each value; what is done with them is not its work."""

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Iterator[Any]:
        values = function(*args, **kwargs)
        while True:
            with watch.timing(label):
                try:
                    value = next(values)
                except StopIteration:
                    return
            yield value

    return call
