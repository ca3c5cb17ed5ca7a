"""How far a long piece of work has got: one type, from the innermost loop to the page and the terminal."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """So many of so many done, and at which stage; `total` 0 where nobody knows.

    At items per second, and with so many seconds left, where that is known.
    """

    done: int
    total: int
    stage: str = ""
    per_second: float | None = None
    seconds_left: float | None = None


Report = Callable[[Progress], bool]
"""Told of each step of a piece of work; False stops it."""


def unwatched(_: Progress) -> bool:
    """Nobody looks, and the work goes on."""
    return True
