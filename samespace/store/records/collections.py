"""Collections in the records."""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Engine,
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
from samespace.core.types import Modality, State
from samespace.store.records.rows import Collection, SpaceRecord
from samespace.store.records.tables import collections
from samespace.store.rows import ROWS_VERSION
from samespace.store.sql import reading, writing
from samespace.store.stamp import Stamp
from samespace.store.unwritten import Unwritten

_RESTS = (1.0, 2.0, 4.0, 8.0, 16.0)
_LONGEST_REST = 30.0
_MOST_NAMED = 1000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
# Every request runs it, so it is built only once.
_NAMED = select(collections).where(
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
        self._named: Unwritten[str, Collection] = Unwritten(stamp, _MOST_NAMED)

    def begin(self, id: str, preset: str, spaces: Sequence[SpaceRecord]) -> None:
        """Put on record what is about to be made for a collection; it has no name and nobody sees it before `open`."""
        row = {
            "id": id,
            "name": f"making.{id}",
            "preset": preset,
            "spaces": [asdict(space) for space in spaces],
            "state": State.QUEUED,
            "created_at": time.time(),
            "rows_version": ROWS_VERSION,
        }
        with writing(self._engine) as connection:
            connection.execute(insert(collections).values(row))

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
        query = select(collections).where(collections.c.id == id)
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
        query = select(collections).where(collections.c.state == state).order_by(collections.c.name)
        with reading(self._engine) as connection:
            return [_collection(row) for row in connection.execute(query).mappings()]

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

    def clear_back_off(self, id: str) -> None:
        """What its claims need answers again."""
        change = update(collections).where(collections.c.id == id, collections.c.rests > 0)
        with writing(self._engine) as connection:
            connection.execute(change.values(rests=0, rest_until=None))

    def rows_renewed(self, id: str) -> None:
        """All its rows in the index are of this release now."""
        change = update(collections).where(collections.c.id == id)
        with writing(self._engine) as connection:
            connection.execute(change.values(rows_version=ROWS_VERSION))

    def remove(self, id: str) -> None:
        """Drop the row of an emptied collection; its jobs go with it. Conflict while it holds documents."""
        try:
            with writing(self._engine) as connection:
                connection.execute(delete(collections).where(collections.c.id == id))
        except IntegrityError as error:
            raise Conflict(f"collection {id!r} still holds documents") from error

    def _one(self, query: Any, problem: str, values: Mapping[str, Any] | None = None) -> Collection:
        with reading(self._engine) as connection:
            row = connection.execute(query, values).mappings().first()
        if row is None:
            raise NotFound(problem)
        return _collection(row)


def _back_off_seconds() -> ColumnElement[float]:
    """By how often it rested in a row before."""
    return case(
        *((collections.c.rests == rests, seconds) for rests, seconds in enumerate(_RESTS)),
        else_=_LONGEST_REST,
    )


def _collection(row: Mapping[str, Any] | Any) -> Collection:
    spaces = tuple(
        SpaceRecord(**{**space, "modalities": tuple(Modality(m) for m in space["modalities"])})
        for space in row["spaces"]
    )
    return Collection(**{**row, "spaces": spaces, "state": State(row["state"])})
