"""The map of a collection: its items as points, near each other where they are near in meaning.

Stored vectors are read, pixels and passages never.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from samespace.core.errors import NotFound
from samespace.core.progress import Progress, Report, unwatched
from samespace.core.types import Row, Vectors
from samespace.store.index import Index
from samespace.store.records import Collection, IndexRecord, Records
from search.layout import Places
from search.layout_process import LayoutProcess
from search.points import Points, ids_of, only_live, pack, points_of, unpack

MOST_POINTS = 50_000
_BATCH = 1000
_READING = 0.2
"""Which share of the work reading is, as it is told."""
_MANNER = 1
"""Of how maps are made: raise it with what would make another one of the same collection."""


@dataclass(frozen=True, slots=True)
class Map:
    """A map as it is shown: the points of what is live, how many items the collection has, whether the map is of
    the collection as it is now."""

    points: Points
    total: int
    made_at: float
    fresh: bool


def make_map(
    *,
    collection: Collection,
    records: Records,
    index: Index,
    cache: Path,
    on_progress: Report = unwatched,
) -> dict[str, Any] | None:
    """Lay out a collection and keep the map; one that is of the collection as it is now stays.

    Answers {"points": n}, None where `on_progress` stopped it. Of more than MOST_POINTS items those with the
    smallest keys are taken: keys are hashes, so that these are an even choice, mostly the same one later.
    Raises Unavailable; SamespaceError where the process that lays out dies.
    """
    stamp, kept = stamp_of(collection, records), records.maps.find(collection.id)
    former = unpack(kept.points) if kept else points_of([])
    if kept and kept.stamp == stamp:
        return {"points": len(former)}
    name = space_of(collection).index_name
    total = min(index.count(name), MOST_POINTS)
    with LayoutProcess(cache) as process:
        read = [points_of([])]
        for rows, vectors in _live(name, collection, records, index):
            process.send(vectors)
            read.append(points_of(rows))
            done = round(_READING * sum(map(len, read)))
            if not on_progress(Progress(done, total, "reading")):
                return None
        points = np.concatenate(read)
        places = process.places(
            points["modality"],
            _places_on(former, points),
            lambda share: on_progress(_laid_out(share, total)),
        )
    if places is None:
        return None
    points["x"], points["y"] = places.T
    records.maps.keep(collection.id, stamp, pack(points))
    return {"points": len(points)}


def _laid_out(share: float, total: int) -> Progress:
    return Progress(round((_READING + (1 - _READING) * share) * total), total, "laying out")


def read_map(collection: Collection, records: Records) -> Map:
    """The map as it is kept, without the points of what is no longer live; NotFound if none was made."""
    kept = records.maps.find(collection.id)
    if kept is None:
        raise NotFound(missing_map(collection))
    return Map(
        points=only_live(unpack(kept.points), records.maps.live_generations(collection.id)),
        total=records.maps.count_items(collection.id),
        made_at=kept.made_at,
        fresh=kept.stamp == stamp_of(collection, records),
    )


def missing_map(collection: Collection) -> str:
    """What is said where a map is needed and none was made."""
    return (
        f"no map of collection {collection.name!r} was made yet; "
        f"POST /v1/collections/{collection.name}/map/jobs or `samespace map {collection.name}` makes one"
    )


def stamp_of(collection: Collection, records: Records) -> str:
    """What a map made now would be made of, and how."""
    made_of = f"{_MANNER} {space_of(collection).fingerprint} {records.maps.made_of(collection.id)}"
    return hashlib.sha256(made_of.encode()).hexdigest()


def space_of(collection: Collection) -> IndexRecord:
    """The space that is laid out: the first of those that hold the most modalities, so text and pictures together."""
    return max(collection.spaces, key=lambda space: len(space.modalities))


def _live(
    name: str, collection: Collection, records: Records, index: Index
) -> Iterator[tuple[list[Row], Vectors]]:
    """The rows that answer searches, by key, MOST_POINTS of them at most."""
    generations, left = records.maps.live_generations(collection.id), MOST_POINTS
    for rows, vectors in index.scan(name, batch=_BATCH):
        mine = [
            place
            for place, row in enumerate(rows)
            if generations.get(row.item.document_id) == row.generation
        ][:left]
        yield [rows[place] for place in mine], vectors[mine]
        left -= len(mine)
        if not left:
            return


def _places_on(former: Points, points: Points) -> Places:
    """Where these points stood on a former map, NaN where they did not."""
    known = dict(zip(ids_of(former["item"]), range(len(former)), strict=True))
    places = np.full((len(points), 2), np.nan, np.float32)
    for row, id in enumerate(ids_of(points["item"])):
        if id in known:
            places[row] = former["x"][known[id]], former["y"][known[id]]
    return places
