"""What was asked of collections, where the operator has it kept: each query once, how often, and when last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from samespace.store.records.kept_queries import id_of
from samespace.store.records.tables import asked_queries
from samespace.store.sql import reading, writing


@dataclass(frozen=True, slots=True)
class AskedQuery:
    """A query as it was asked, `times` times, last at `asked_at`, seconds since the epoch. Who asked is not known."""

    collection_id: str
    parts: tuple[Mapping[str, Any], ...]
    targets: tuple[str, ...] | None
    times: int
    asked_at: float


class QueryLog:
    """Written in groups, bounded for each collection, forgotten with it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, asked: Sequence[AskedQuery], most: int) -> None:
        """Add queries to those that are there, of which the newest `most` of each collection stay.

        Those of a collection that is gone are dropped.
        """
        for collection_id in dict.fromkeys(one.collection_id for one in asked):
            mine = [one for one in asked if one.collection_id == collection_id]
            try:
                with writing(self._engine) as connection:
                    for one in mine:
                        _count(connection, one)
                    _cut(connection, collection_id, most)
            except IntegrityError:
                continue

    def newest(self, collection_id: str, limit: int) -> list[AskedQuery]:
        """Those of a collection that were asked last, the newest first."""
        query = select(asked_queries).where(asked_queries.c.collection_id == collection_id)
        newest_first = query.order_by(asked_queries.c.asked_at.desc(), asked_queries.c.id)
        with reading(self._engine) as connection:
            return [
                AskedQuery(
                    collection_id,
                    tuple(row["parts"]),
                    None if row["targets"] is None else tuple(row["targets"]),
                    row["times"],
                    row["asked_at"],
                )
                for row in connection.execute(newest_first.limit(limit)).mappings()
            ]

    def forget(self, collection_id: str | None = None) -> int:
        """Forget what was asked, of a collection or of all; answers how many queries that was."""
        gone = delete(asked_queries)
        if collection_id is not None:
            gone = gone.where(asked_queries.c.collection_id == collection_id)
        with writing(self._engine) as connection:
            return connection.execute(gone).rowcount


def _count(connection: Connection, one: AskedQuery) -> None:
    id = id_of(one.collection_id, one.parts, one.targets)
    this = (asked_queries.c.collection_id == one.collection_id, asked_queries.c.id == id)
    again = update(asked_queries).where(*this)
    values = {"times": asked_queries.c.times + one.times, "asked_at": one.asked_at}
    if connection.execute(again.values(values)).rowcount:
        return
    row = {
        "collection_id": one.collection_id,
        "id": id,
        "parts": [dict(part) for part in one.parts],
        "targets": None if one.targets is None else sorted(one.targets),
        "times": one.times,
        "asked_at": one.asked_at,
    }
    connection.execute(insert(asked_queries).values(row))


def _cut(connection: Connection, collection_id: str, most: int) -> None:
    """Drop what is older than the newest `most`."""
    mine = asked_queries.c.collection_id == collection_id
    newest_first = (
        select(asked_queries.c.id)
        .where(mine)
        .order_by(asked_queries.c.asked_at.desc(), asked_queries.c.id)
    )
    beyond = list(connection.execute(newest_first.offset(most).limit(10_000)).scalars())
    if beyond:
        connection.execute(delete(asked_queries).where(mine, asked_queries.c.id.in_(beyond)))
