"""Rectangles of the map in a filter, turned into the items that stand in them before the index is asked."""

from collections.abc import Callable

from samespace.core.errors import InvalidRequest
from samespace.store.filters import AllOf, AnyOf, Area, Filter, Not, OneOf
from samespace.store.records import Collection, Records
from search.map import MOST_POINTS, missing_map
from search.points import Points, ids_of, unpack, within


def resolve_areas(where: Filter, collection: Collection, records: Records) -> Filter:
    """The filter with the items of each rectangle in its place, by the map as it is kept.

    InvalidRequest where no map was made, and for rectangles that hold more items together than a map has.
    """
    points: list[Points] = []
    selected = 0

    def items_in(area: Area) -> OneOf:
        nonlocal selected
        if not points:
            points.append(_points(collection, records))
        inside = within(points[0], (area.x0, area.y0, area.x1, area.y1))
        selected += len(inside)
        if selected > MOST_POINTS:
            raise InvalidRequest(
                f"filter: the rectangles of $area hold {selected} items together, the limit is {MOST_POINTS}"
            )
        return OneOf(frozenset(ids_of(inside["item"])))

    return _with_areas(where, items_in)


def _with_areas(where: Filter, items_in: Callable[[Area], OneOf]) -> Filter:
    match where:
        case Area():
            return items_in(where)
        case AllOf(parts):
            return AllOf(tuple(_with_areas(part, items_in) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(_with_areas(part, items_in) for part in parts))
        case Not(part):
            return Not(_with_areas(part, items_in))
        case _:
            return where


def _points(collection: Collection, records: Records) -> Points:
    kept = records.maps.find(collection.id)
    if kept is None:
        raise InvalidRequest(f"filter: $area: {missing_map(collection)}")
    return unpack(kept.points)
