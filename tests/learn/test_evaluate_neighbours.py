"""The share of true neighbours that an index found, with an index that finds all and one that does not."""

from collections.abc import Sequence

import numpy as np
import pytest

from samespace.core.types import IMAGE, TEXT, Item, Modality, Row, Scored, Vectors
from samespace.learn.evaluate.neighbours import share_found, true_neighbours
from samespace.store.filters import Filter
from tests.store.memory_index import MemoryIndex


def unit(count: int, seed: int, dim: int = 16) -> Vectors:
    drawn = np.random.default_rng(seed).normal(size=(count, dim)).astype(np.float32)
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), dtype=np.float32)


def rows(count: int, modality: Modality) -> list[Row]:
    return [
        Row(Item(f"{modality}-{i:05}", f"d{i}", modality, 0, f"h{i}"), 1, "image/png")
        for i in range(count)
    ]


class Forgetful(MemoryIndex):
    """Finds only every second neighbour, as an index does that is built or asked badly."""

    def search(
        self,
        name: str,
        vectors: Vectors,
        modality: Modality,
        limit: int,
        where: Filter | None = None,
    ) -> list[list[Scored]]:
        return [
            some[::2][:limit] for some in super().search(name, vectors, modality, limit * 2, where)
        ]


@pytest.mark.parametrize(("index", "share"), [(MemoryIndex(), 1.0), (Forgetful(), 0.5)])
def test_the_share_is_what_the_index_found(index: MemoryIndex, share: float) -> None:
    index.create("c", 16)
    index.upsert("c", rows(2500, IMAGE), unit(2500, 1))
    index.upsert("c", rows(50, TEXT), unit(50, 2))
    scanned: list[int] = []

    got = share_found(index, "c", IMAGE, unit(120, 3), scanned.append)

    assert got.tolist() == [share] * 120
    assert scanned[-1] == 2500


def test_fewer_rows_than_neighbours_and_none() -> None:
    index = MemoryIndex()
    index.create("c", 16)
    index.upsert("c", rows(3, IMAGE), unit(3, 1))

    assert share_found(index, "c", IMAGE, unit(2, 3)).tolist() == [1, 1]
    assert share_found(index, "c", TEXT, unit(2, 3)).size == 0


def test_rows_level_with_the_tenth_are_as_good() -> None:
    same = np.repeat(unit(1, 4), 15, axis=0)
    keys: Sequence[str] = [str(i) for i in range(15)]

    assert len(true_neighbours(same[:1], [(keys, same)])[0]) == 15
