"""The map of a collection, made by the real child process from stored vectors."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from samespace.core.errors import NotFound
from search.map import make_map, read_map
from tests.search.world import World, picture_of

MakeWorld = Callable[..., World]


def made(world: World, cache: Path, **options: Any) -> dict[str, Any] | None:
    kept = ("collection", "records", "index")
    return make_map(cache=cache, **{name: world.stack[name] for name in kept}, **options)


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_a_tiny_collection_has_a_map(world: World, tmp_path: Path, count: int) -> None:
    with pytest.raises(NotFound, match="samespace map"):
        read_map(world.collection, world.records)
    world.add(*["the same passage"] * (count - 1), *[picture_of("a dog")][:count])
    assert made(world, tmp_path) == {"points": count}
    shown = read_map(world.collection, world.records)
    assert (len(shown.points), shown.total, shown.fresh) == (count, count, True)
    for axis in "xy":
        assert np.all((shown.points[axis] >= 0) & (shown.points[axis] <= 1))
