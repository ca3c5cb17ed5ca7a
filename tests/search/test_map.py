"""The map of a collection, made by the real child process from stored vectors."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from samespace.core.errors import NotFound, SamespaceError
from samespace.core.progress import Progress
from samespace.core.types import Vectors
from search.layout import FEW, Places, aligned, centred, fitted, principal
from search.layout_process import LayoutProcess
from search.map import make_map, read_map
from search.points import ids_of
from tests.search.world import World, picture_of, write
from tests.services import CACHE
from tests.store.rows import make_clusters, unit

MakeWorld = Callable[..., World]

# Compiled once for all runs: that takes longer than the layouts.
COMPILED = CACHE / "map"


def made(world: World, cache: Path, **options: Any) -> dict[str, Any] | None:
    kept = ("collection", "records", "index")
    return make_map(cache=cache, **{name: world.stack[name] for name in kept}, **options)


def places(vectors: Vectors, former: Places | None = None) -> Places:
    nowhere = np.full((len(vectors), 2), np.nan, np.float32)
    with LayoutProcess(COMPILED) as process:
        process.send(vectors[:100])
        process.send(vectors[100:])
        kinds = np.zeros(len(vectors), np.uint8)
        answer = process.places(kinds, nowhere if former is None else former, lambda _: True)
    assert answer is not None
    return answer


def nearest(rows: NDArray[np.float32], count: int) -> list[set[int]]:
    distances = np.linalg.norm(rows[:, None] - rows[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    return [set(row.tolist()) for row in distances.argsort(axis=1)[:, :count]]


def trustworthiness(rows: NDArray[np.float32], seen: Places, count: int) -> float:
    """How far neighbours on the map are neighbours in the space, 0.5 by chance (Venna and Kaski 2001)."""
    distances = np.linalg.norm(rows[:, None] - rows[None], axis=2)
    np.fill_diagonal(distances, -1)
    ranks = distances.argsort(axis=1).argsort(axis=1)
    wrong = sum(
        max(0, ranks[row, near] - count)
        for row, some in enumerate(nearest(seen, count))
        for near in some
    )
    total = len(rows)
    return float(1 - 2 / (total * count * (2 * total - 3 * count - 1)) * wrong)


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


def test_what_is_not_live_is_neither_laid_out_nor_shown(world: World, tmp_path: Path) -> None:
    stays, goes = world.add("a dog", "a cat"), world.add("a bird")
    write(world, world.accept("half", {}), ["a fish"])
    assert made(world, tmp_path) == {"points": 3}
    world.records.documents.mark_deleted(world.collection.id, [goes.id])
    shown = read_map(world.collection, world.records)
    assert set(ids_of(shown.points["document"])) == {stays.id}
    assert (shown.total, shown.fresh) == (2, False)
    assert made(world, tmp_path) == {"points": 2}
    assert read_map(world.collection, world.records).fresh


def test_of_too_many_the_same_ones_are_taken(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("search.map.MOST_POINTS", 3)
    monkeypatch.setattr("search.map._BATCH", 2)
    document = world.add(*"abcdef")
    assert made(world, tmp_path) == {"points": 3}
    shown = read_map(world.collection, world.records)
    keys = sorted(item.key for item in world.records.documents.items(document))
    assert (ids_of(shown.points["item"]), shown.total) == (keys[:3], 6)


def test_it_tells_how_far_it_is_and_may_be_stopped(world: World, tmp_path: Path) -> None:
    world.add("a dog", "a cat")
    told: list[Progress] = []

    def stop(so_far: Progress) -> bool:
        told.append(so_far)
        return len(told) < 2

    assert made(world, tmp_path, on_progress=stop) is None
    assert told == [Progress(0, 2, "reading"), Progress(0, 2, "laying out")]
    assert world.records.maps.info(world.collection.id) is None


def test_a_map_of_what_has_not_changed_is_not_made_again(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.add("a dog")
    made(world, tmp_path)
    monkeypatch.setattr("search.map.LayoutProcess", None)
    assert made(world, tmp_path) == {"points": 1}


def test_the_death_of_the_process_is_told(tmp_path: Path) -> None:
    with LayoutProcess(tmp_path) as process:
        process._process.kill()
        with pytest.raises(SamespaceError, match="status -9"):
            process.send(make_clusters(2000, 384, 2))


def test_modalities_mix_once_centred() -> None:
    random = np.random.default_rng(1)
    things = random.normal(size=(20, 32))
    gap = 4 * random.normal(size=32)
    pairs = unit(np.concatenate([things + gap, things - gap]))
    kinds = np.repeat([0, 1], 20).astype(np.uint8)

    def partners(rows: Vectors) -> int:
        near = (rows @ rows.T - 2 * np.eye(40)).argmax(axis=1)
        return int((near == (np.arange(40) + 20) % 40).sum())

    assert partners(pairs) == 0
    assert partners(centred(pairs, kinds)) > 35


def test_a_single_picture_keeps_its_meaning() -> None:
    rows = make_clusters(30, 16, 3)
    kinds = np.array([0] * 29 + [1], np.uint8)
    assert np.linalg.norm(centred(rows, kinds), axis=1) == pytest.approx(1, abs=1e-5)


def test_equal_vectors_stand_in_the_middle() -> None:
    same = np.tile(make_clusters(1, 8, 1), (4, 1))
    middle = fitted(principal(centred(same, np.zeros(4, np.uint8)), 2))
    assert middle.tolist() == [[0.5, 0.5]] * 4


def test_the_aspect_is_kept() -> None:
    wide = np.array([[0, 0], [4, 1], [2, 2]], np.float32)
    assert fitted(wide).tolist() == [[0, 0.25], [1, 0.5], [0.5, 0.75]]


def test_a_map_that_was_turned_mirrored_scaled_and_moved_is_put_back() -> None:
    former = np.random.default_rng(1).random((20, 2)).astype(np.float32)
    mirrored = np.array([[0.6, 0.8], [0.8, -0.6]], np.float32)
    places = 7 * former @ mirrored + np.array([3, -2], np.float32)
    known = former.copy()
    known[::5] = np.nan
    assert aligned(places, known) == pytest.approx(former, abs=1e-5)


@pytest.mark.slow
def test_neighbours_in_the_space_are_neighbours_on_the_map() -> None:
    vectors = make_clusters(400, 64, 8)
    first = places(vectors)
    assert trustworthiness(vectors, first, 10) > 0.85
    assert np.array_equal(first, places(vectors))


@pytest.mark.slow
def test_a_map_that_is_made_again_stays_where_it_was() -> None:
    vectors = make_clusters(300, 64, 6)
    before = places(vectors[:270])
    former = np.full((300, 2), np.nan, np.float32)
    former[:270] = before
    moved = np.linalg.norm(places(vectors, former)[:270] - before, axis=1)
    # 0.04 as it is, 0.13 where UMAP may stretch what it begins with, 0.14 where it begins anew.
    assert np.median(moved) < 0.08


@pytest.mark.slow
def test_many_equal_vectors_have_a_map() -> None:
    spots = places(np.tile(make_clusters(1, 16, 1), (FEW + 5, 1)))
    assert len(spots) == FEW + 5
    assert np.all((spots >= 0) & (spots <= 1))
