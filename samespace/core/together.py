"""Calls that wait for other processes, made at the same time instead of one after another."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from typing import TypeVar

T = TypeVar("T")

_MOST_BESIDE = 16

# Its threads start with the first calls, so after any fork.
_beside = ThreadPoolExecutor(_MOST_BESIDE, thread_name_prefix="beside")


def beside(call: Callable[[], T]) -> Callable[[], T]:
    """Begin a call in another thread, which knows who asks; what this answers waits for it, and answers or raises
    what it does."""
    return _beside.submit(copy_context().run, call).result


def together(calls: Sequence[Callable[[], T]]) -> list[T]:
    """What the calls answer, in their order; the first is made in this thread, and all know who asks.

    Raises what the first of those that fail raises, once all have ended.
    """
    others = [_beside.submit(copy_context().run, call) for call in calls[1:]]
    try:
        first = [call() for call in calls[:1]]
    finally:
        wait(others)
    return first + [each.result() for each in others]
