"""The maps of collections, in the records: one each, as it was last made."""

import time
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Engine, delete, func, insert, select

from samespace.store.records.tables import documents, items, maps
from samespace.store.sql import reading, writing


@dataclass(frozen=True, slots=True)
class MapInfo:
    """What a map was made of, and when."""

    stamp: str
    made_at: float


@dataclass(frozen=True, slots=True)
class KeptMap(MapInfo):
    """A map with its points as they were kept: what they look like is the business of `search.points`."""

    points: bytes


class Maps:
    """The maps of all collections, and what has to be known of a collection to tell whether its map is of today."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, collection_id: str, stamp: str, points: bytes) -> None:
        """Keep a map in the place of the former one."""
        row = {
            "collection_id": collection_id,
            "stamp": stamp,
            "made_at": time.time(),
            "points": points,
        }
        with writing(self._engine) as connection:
            connection.execute(delete(maps).where(maps.c.collection_id == collection_id))
            connection.execute(insert(maps).values(row))

    def info(self, collection_id: str) -> MapInfo | None:
        """What is known of a collection's map without its points; None if none was made."""
        query = select(maps.c.stamp, maps.c.made_at).where(maps.c.collection_id == collection_id)
        with reading(self._engine) as connection:
            row = connection.execute(query).first()
        return None if row is None else MapInfo(*row)

    def find(self, collection_id: str) -> KeptMap | None:
        """A collection's map; None if none was made."""
        query = select(maps.c.stamp, maps.c.made_at, maps.c.points)
        with reading(self._engine) as connection:
            row = connection.execute(query.where(maps.c.collection_id == collection_id)).first()
        return None if row is None else KeptMap(*row)

    def made_of(self, collection_id: str) -> str:
        """What a map made now would be made of: another text whenever what answers searches has changed.

        A version that becomes live is newer than all before it, one that goes is one less.
        """
        query = select(
            func.count(), func.sum(documents.c.live_generation), func.max(documents.c.finished_at)
        ).where(*_live(collection_id))
        with reading(self._engine) as connection:
            count, generations, newest = connection.execute(query).one()
        return f"{count} {int(generations or 0)} {newest!r}"

    def live_generations(self, collection_id: str) -> dict[str, int]:
        """The generation of each document of a collection that answers searches, by its id."""
        query = select(documents.c.id, documents.c.live_generation).where(*_live(collection_id))
        with reading(self._engine) as connection:
            return {row.id: row.live_generation for row in connection.execute(query)}

    def count_items(self, collection_id: str) -> int:
        """How many items of a collection answer searches."""
        query = (
            select(func.count())
            .select_from(items)
            .join(documents, documents.c.id == items.c.document_id)
            .where(*_live(collection_id), items.c.generation == documents.c.live_generation)
        )
        with reading(self._engine) as connection:
            return connection.execute(query).scalar_one()


def _live(collection_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return documents.c.collection_id == collection_id, documents.c.live_generation.is_not(None)
