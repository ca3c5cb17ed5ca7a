"""How learning says how far it is."""

from collections.abc import Callable

Tell = Callable[[str, int, int], None]
"""Hears what is being done, how many are done, of how many."""


def silent(doing: str, done: int, total: int) -> None:
    """Says nothing."""
