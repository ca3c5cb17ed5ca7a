"""A rectangle of the map as a filter: the same hits as a plain look at every point."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samespace.core.errors import InvalidRequest
from samespace.store.filters import parse_filter
from search import area as module
from search.area import resolve_areas
from search.points import Points, pack, points_of
from tests.search.world import World

WORDS = ("dog", "cat", "bird", "fish")
CORNERS = st.lists(
    st.one_of(st.sampled_from([0, 0.25, 0.5, 1]), st.floats(-1, 2)), min_size=2, max_size=2
).map(sorted)
AREAS = st.tuples(CORNERS, CORNERS).map(
    lambda sides: {"$area": [sides[0][0], sides[1][0], sides[0][1], sides[1][1]]}
)
OTHERS = st.sampled_from(WORDS).map(lambda word: {"kind": word})
FILTERS = st.recursive(
    st.one_of(AREAS, OTHERS),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"and": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"or": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=5,
)


def place(world: World, places: dict[str, tuple[float, float]]) -> None:
    """Keep a map on which these items stand, by key."""
    [rows] = [rows for rows, _ in world.index.scan(world.collection.spaces[0].index_name)]
    points: Points = points_of([row for row in rows if row.item.key in places])
    found = [places[row.item.key] for row in rows if row.item.key in places]
    points["x"], points["y"] = np.array(found, np.float32).T
    world.records.maps.keep(world.collection.id, "stamp", pack(points))


def fits(where: Any, kind: str, spot: tuple[float, float] | None) -> bool:
    """What a filter means, said plainly."""
    [(name, value)] = where.items()
    if name == "and":
        return all(fits(each, kind, spot) for each in value)
    if name == "or":
        return any(fits(each, kind, spot) for each in value)
    if name == "not":
        return not fits(value, kind, spot)
    if name == "kind":
        return bool(kind == value)
    x0, y0, x1, y1 = value
    return spot is not None and x0 <= spot[0] <= x1 and y0 <= spot[1] <= y1


@pytest.fixture
def placed(world: World) -> tuple[World, dict[str, tuple[str, tuple[float, float] | None]]]:
    """A world with a map, and by key what each item is and where it stands; every fifth is not on the map."""
    random = np.random.default_rng(0)
    known: dict[str, tuple[str, tuple[float, float] | None]] = {}
    for number in range(20):
        kind = WORDS[number % len(WORDS)]
        document = world.add(f"{kind} {number}", metadata={"kind": kind})
        [item] = world.records.documents.items(document)
        spot = tuple(float(each) for each in random.integers(0, 5, 2) / 4)
        known[item.key] = (kind, None if number % 5 == 0 else (spot[0], spot[1]))
    place(world, {key: spot for key, (_, spot) in known.items() if spot})
    return world, known


@given(where=FILTERS)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_search_finds_what_stands_in_the_rectangle(placed: Any, where: Any) -> None:
    world, known = placed
    hits = world.search("dog cat", where=parse_filter(where), limit=50).hits
    wanted = {key for key, (kind, spot) in known.items() if fits(where, kind, spot)}
    assert {hit.id for hit in hits} == wanted


def test_where_no_map_was_made_it_is_said_how_to_make_one(world: World) -> None:
    world.add("dog")
    with pytest.raises(InvalidRequest, match=f"samespace map {world.collection.name}"):
        world.search("dog", where=parse_filter({"not": {"$area": [0, 0, 1, 1]}}))


def test_too_many_items_together_are_refused(placed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    world, _ = placed
    monkeypatch.setattr(module, "MOST_POINTS", 20)
    whole = {"$area": [0, 0, 1, 1]}
    resolve_areas(parse_filter(whole), world.collection, world.records)
    with pytest.raises(InvalidRequest, match="32 items together, the limit is 20"):
        resolve_areas(parse_filter({"or": [whole, whole]}), world.collection, world.records)


@pytest.mark.parametrize(
    ("area", "says"),
    [
        ([0, 0, 1], r"\[x0, y0, x1, y1\]"),
        ({"eq": 1}, r"\[x0, y0, x1, y1\]"),
        ([0, 0, 1, "1"], "four numbers"),
        ([0, 0, 1, True], "four numbers"),
        ([0, 0, 1, float("nan")], "out of range"),
        ([1, 0, 0, 1], "lower corner first"),
    ],
)
def test_what_is_no_rectangle_is_refused(area: object, says: str) -> None:
    with pytest.raises(InvalidRequest, match=says):
        parse_filter({"$area": area})
