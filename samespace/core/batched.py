"""Sequences a bounded piece at a time, as itertools.batched has it from Python 3.12 on."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def batched(values: Sequence[T], size: int) -> Iterator[list[T]]:
    """The values in their order, `size` at a time, fewer at the end."""
    for start in range(0, len(values), size):
        yield list(values[start : start + size])
