"""Files that import each other."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import TypeVar

N = TypeVar("N", bound=Hashable)


def circles(graph: Mapping[N, Sequence[N]]) -> Iterator[list[N]]:
    """Each way from a node back to itself, once."""
    ends: set[N] = set()

    def walk(node: N, way: list[N]) -> Iterator[list[N]]:
        if node in way:
            yield [*way[way.index(node) :], node]
        elif node not in ends:
            for target in graph.get(node, []):
                yield from walk(target, [*way, node])
            ends.add(node)

    for node in graph:
        yield from walk(node, [])
