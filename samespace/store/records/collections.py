"""Collections in the records."""

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from samespace.core.errors import Conflict, InvalidRequest, NotFound, Unavailable
from samespace.core.types import State
from samespace.store.records.indexes import add_index, read_index
from samespace.store.records.models import read_models
from samespace.store.records.rows import Collection, IndexRecord, ModelRecord, Role
from samespace.store.records.tables import collections, indexes
from samespace.store.sql import reading, writing
from samespace.store.stamp import Stamp
from samespace.store.unwritten import Unwritten

_RESTS = (1.0, 2.0, 4.0, 8.0, 16.0)
_LONGEST_REST = 30.0
_MOST_NAMED = 1000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_COLUMNS = tuple(column.name for column in collections.columns)
_ITS_INDEXES = (indexes.c.collection_id == collections.c.id) & (indexes.c.role != Role.GIVEN_UP)
# A collection with its indexes, a row for each of these.
_WITH_INDEXES = (
    select(collections, *indexes.columns)
    .join(indexes, _ITS_INDEXES, isouter=True)
    .order_by(collections.c.name, indexes.c.position)
)
# Every request runs it, so it is built only once.
_NAMED = _WITH_INDEXES.where(
    collections.c.name == bindparam("name"), collections.c.state == State.READY
)


def check_name(name: str) -> str:
    """The name, if a collection may carry it; InvalidRequest."""
    if not _NAME.fullmatch(name):
        shown = name if len(name) <= 80 else f"{name[:77]}..."
        raise InvalidRequest(
            f"{shown!r} is no collection name: 1 to 64 letters, digits, '.', '_' or '-', "
            "a letter or digit first"
        )
    return name


def missing(name: str) -> str:
    """What is said of a collection that does not exist, or does not for the one who asks."""
    return f"there is no collection {name!r}"


class Collections:
    """Made, found, listed, removed."""

    def __init__(self, engine: Engine, stamp: Stamp) -> None:
        self._engine = engine
        # A model never changes, so it is read only once.
        self._models: dict[str, ModelRecord] = {}
        self._named: Unwritten[str, Collection] = Unwritten(stamp, _MOST_NAMED)

    def begin(
        self, id: str, preset: str, models: Sequence[ModelRecord], kinds: Sequence[str] = ()
    ) -> Collection:
        """Put on record what is about to be made for a collection: a live index for each model, and one of each of
        these kinds that have none. It has no name and nobody sees it before `open`."""
        row = {
            "id": id,
            "name": f"making.{id}",
            "preset": preset,
            "state": State.QUEUED,
            "created_at": time.time(),
        }
        with writing(self._engine) as connection:
            connection.execute(insert(collections).values(row))
            for model in models:
                add_index(connection, id, model=model)
            for kind in kinds:
                add_index(connection, id, kind=kind)
        return self.get(id)

    def open(self, id: str, name: str) -> Collection:
        """The collection, made and from now on to be found; Conflict if the name is taken, Unavailable if it was
        given up meanwhile."""
        change = update(collections).where(
            collections.c.id == id, collections.c.state == State.QUEUED
        )
        try:
            with writing(self._engine) as connection:
                opened = connection.execute(
                    change.values(name=check_name(name), state=State.READY)
                ).rowcount
        except IntegrityError as error:
            raise Conflict(f"collection {name!r} exists already") from error
        if not opened:
            raise Unavailable(
                f"collection {name!r} took too long to make and was given up; try again"
            )
        return self.get(id)

    def give_up(self, seconds: float) -> list[str]:
        """Doom those that were begun longer ago than that and never opened; answers their ids."""
        change = (
            update(collections)
            .where(
                collections.c.state == State.QUEUED,
                collections.c.created_at < time.time() - seconds,
            )
            .values(state=State.DELETING, name="deleting." + collections.c.id)
            .returning(collections.c.id)
        )
        with writing(self._engine) as connection:
            return list(connection.execute(change).scalars())

    def find(self, name: str) -> Collection:
        """The collection of that name; NotFound."""
        values = {"name": check_name(name)}
        return self._named.one(name, lambda: self._one(_NAMED, missing(name), values))

    def get(self, id: str) -> Collection:
        """The collection of that id, in whatever state; NotFound."""
        query = _WITH_INDEXES.where(collections.c.id == id)
        return self._one(query, f"there is no collection with id {id!r}")

    def limit(self, id: str, limits: Mapping[str, int | None]) -> Collection:
        """Set `max_documents` or `max_bytes` or both, None for no limit; what is held already stays. NotFound."""
        change = update(collections).where(
            collections.c.id == id, collections.c.state == State.READY
        )
        with writing(self._engine) as connection:
            connection.execute(change.values(dict(limits)))
        return self.get(id)

    def all(self, state: State = State.READY) -> list[Collection]:
        """All collections in a state, by name."""
        with reading(self._engine) as connection:
            return self._read(connection, _WITH_INDEXES.where(collections.c.state == state), {})

    def mark_deleted(self, id: str) -> None:
        """Hide it and free its name; `workers.tasks.delete_collection` does the rest."""
        with writing(self._engine) as connection:
            connection.execute(
                update(collections)
                .where(collections.c.id == id)
                .values(state=State.DELETING, name=f"deleting.{id}")
            )

    def pause(self, id: str, *, paused: bool = True) -> bool:
        """Let its documents wait, or go on with them; False if that was so already."""
        change = update(collections).where(
            collections.c.id == id, collections.c.paused.is_not(paused)
        )
        with writing(self._engine) as connection:
            return connection.execute(change.values(paused=paused)).rowcount == 1

    def back_off(self, id: str) -> float:
        """Something that its claims need does not answer: take nothing of it for a while; answers until when.

        The while doubles each time in a row, from 1 s to 30 s. Those who find out together count as one.
        """
        now = time.time()
        change = (
            update(collections)
            .where(collections.c.id == id, func.coalesce(collections.c.rest_until, 0) <= now)
            .values(rests=collections.c.rests + 1, rest_until=now + _back_off_seconds())
        )
        with writing(self._engine) as connection:
            connection.execute(change)
            query = select(collections.c.rest_until).where(collections.c.id == id)
            return connection.execute(query).scalar() or now

    def hold(self, id: str, seconds: float) -> None:
        """Begin nothing of it for so long."""
        change = update(collections).where(collections.c.id == id)
        with writing(self._engine) as connection:
            connection.execute(change.values(rests=1, rest_until=time.time() + seconds))

    def clear_back_off(self, id: str) -> None:
        """What its claims need answers again."""
        change = update(collections).where(collections.c.id == id, collections.c.rests > 0)
        with writing(self._engine) as connection:
            connection.execute(change.values(rests=0, rest_until=None))

    def remove(self, id: str) -> None:
        """Drop the row of an emptied collection; its jobs go with it. Conflict while it holds documents."""
        try:
            with writing(self._engine) as connection:
                connection.execute(delete(collections).where(collections.c.id == id))
        except IntegrityError as error:
            raise Conflict(f"collection {id!r} still holds documents") from error

    def _one(
        self, query: Select[Any], problem: str, values: Mapping[str, Any] | None = None
    ) -> Collection:
        with reading(self._engine) as connection:
            found = self._read(connection, query, values or {})
        if not found:
            raise NotFound(problem)
        return found[0]

    def _read(
        self, connection: Connection, query: Select[Any], values: Mapping[str, Any]
    ) -> list[Collection]:
        rows: dict[str, list[Any]] = {}
        for row in connection.execute(query, values):
            rows.setdefault(row[0], []).append(row)
        return [self._collection(connection, some) for some in rows.values()]

    def _collection(self, connection: Connection, rows: Sequence[Any]) -> Collection:
        """Of rows that begin with the columns of the same collection, each with those of an index of it."""
        width = len(_COLUMNS)
        told = dict(zip(_COLUMNS, rows[0], strict=False))
        found = [row[width:] for row in rows if row[width] is not None]
        models = self._known_models(connection, [row[3] for row in found if row[3] is not None])
        made: list[IndexRecord] = [read_index(row, models) for row in found]
        return Collection(**{**told, "indexes": tuple(made), "state": State(told["state"])})

    def _known_models(
        self, connection: Connection, ids: Iterable[str]
    ) -> Mapping[str, ModelRecord]:
        if unknown := [id for id in ids if id not in self._models]:
            self._models |= read_models(connection, unknown)
        return self._models


def _back_off_seconds() -> ColumnElement[float]:
    """By how often it rested in a row before."""
    return case(
        *((collections.c.rests == rests, seconds) for rests, seconds in enumerate(_RESTS)),
        else_=_LONGEST_REST,
    )
