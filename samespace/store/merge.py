"""Two sorted streams read side by side."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

L = TypeVar("L")
R = TypeVar("R")


def merged(
    left: Iterable[L],
    right: Iterable[R],
    left_key: Callable[[L], str],
    right_key: Callable[[R], str],
) -> Iterator[tuple[L | None, R | None]]:
    """Pairs of equal keys, and None beside what the other stream lacks; both must be sorted by their keys."""
    lefts, rights = iter(left), iter(right)
    one, other = next(lefts, None), next(rights, None)
    while one is not None or other is not None:
        if other is None or (one is not None and left_key(one) < right_key(other)):
            yield one, None
            one = next(lefts, None)
        elif one is None or right_key(other) < left_key(one):
            yield None, other
            other = next(rights, None)
        else:
            yield one, other
            one, other = next(lefts, None), next(rights, None)
