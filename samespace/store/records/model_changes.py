"""The change of a collection's model: which indexes come in and which go out, and the moment at which they do."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from samespace.core.errors import Conflict, NotFound
from samespace.core.faults import fault_point
from samespace.core.types import State
from samespace.store.records.holdings import is_unnoted, lacks
from samespace.store.records.indexes import add_index, give_roles
from samespace.store.records.rows import Collection, IndexRecord, ModelRecord, Role
from samespace.store.records.space_warnings import renew_warnings
from samespace.store.records.tables import collections, documents, indexes, model_changes
from samespace.store.sql import reading, writing

DAY = 24 * 3600.0
NEW, OLD = "new", "old"


@dataclass(frozen=True, slots=True)
class ModelChange:
    """A change that is under way, or that can still be gone back on.

    The `incoming` indexes, by id, take the place of the `outgoing`; `is_switched` once they have. `preset` is what was
    asked for, `before` what the collection had; `space` the one space that is changed, None where all are. `wants`
    says whom searches are to ask as soon as nothing is lacking, and with `force` also though something cannot be held.
    Those that searches do not ask any more are kept until `kept_until`, in seconds since the epoch.
    """

    collection_id: str
    preset: str
    before: str
    space: str | None
    incoming: tuple[str, ...]
    outgoing: tuple[str, ...]
    is_switched: bool
    wants: str | None
    force: bool
    keep_days: float
    created_at: float
    switched_at: float | None
    kept_until: float | None

    @property
    def beside(self) -> tuple[str, ...]:
        """The indexes that searches do not ask: those that are built, or were retired."""
        return self.outgoing if self.is_switched else self.incoming

    @property
    def answering(self) -> tuple[str, ...]:
        """The indexes that searches ask, and would not if it were switched or gone back on."""
        return self.incoming if self.is_switched else self.outgoing


@dataclass(frozen=True, slots=True)
class Addition:
    """An index that is to be built: its model, and the index whose place among the others it takes, if any."""

    model: ModelRecord
    instead_of: IndexRecord | None = None


class ModelChanges:
    """Begun, switched, gone back on, given up."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(
        self,
        collection: Collection,
        preset: str,
        added: Sequence[Addition],
        outgoing: Sequence[IndexRecord],
        *,
        space: str | None,
        keep_days: float,
    ) -> ModelChange:
        """Put on record what is about to be built; Conflict while there is another change, NotFound without the
        collection."""
        try:
            with writing(self._engine) as connection:
                row = {
                    "collection_id": collection.id,
                    "preset": preset,
                    "before": collection.preset,
                    "space": space,
                    "incoming": _add(connection, collection.id, added),
                    "outgoing": [one.id for one in outgoing],
                    "keep_days": keep_days,
                    "created_at": time.time(),
                }
                connection.execute(insert(model_changes).values(row))
        except IntegrityError as error:
            if self.find(collection.id) is None:
                raise NotFound(f"there is no collection {collection.name!r} any more") from error
            raise Conflict(
                f"the model of collection {collection.name!r} is being changed already"
            ) from error
        return self.get(collection)

    def find(self, collection_id: str) -> ModelChange | None:
        """The change of a collection; None if there is none."""
        with reading(self._engine) as connection:
            return _find(connection, collection_id)

    def get(self, collection: Collection) -> ModelChange:
        """The change of a collection; NotFound."""
        found = self.find(collection.id)
        if found is None:
            raise NotFound(_no_change(collection))
        return found

    def all(self) -> list[ModelChange]:
        """Those of all collections that are there."""
        query = select(model_changes).join(
            collections, collections.c.id == model_changes.c.collection_id
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query.where(collections.c.state == State.READY)).mappings()
            return [_change(row) for row in rows]

    def switch(
        self, collection: Collection, *, to_new: bool, force: bool = False
    ) -> Mapping[str, int]:
        """Let searches ask the incoming indexes, or the outgoing ones again, from one moment to the next.

        Nothing happens, and how many live documents each of them lacks is answered, where they lack any; with `force`
        those do not count that they cannot hold. Documents become live before or after, and in what searches ask then.
        NotFound without a change.
        """
        with writing(self._engine) as connection:
            _lock(connection, collection.id)
            change = _find(connection, collection.id)
            if change is None:
                raise NotFound(_no_change(collection))
            if change.is_switched == to_new:
                return {}
            entering, leaving = change.incoming, change.outgoing
            if not to_new:
                entering, leaving = leaving, entering
            missing = lacking(connection, collection.id, entering, also_failed=not force)
            if missing:
                return missing
            roles = dict.fromkeys(entering, Role.LIVE) | dict.fromkeys(leaving, Role.RETIRED)
            give_roles(connection, roles)
            _note_switch(connection, change, to_new=to_new)
            renew_warnings(connection, collection.id, entering, leaving)
            fault_point("change.switching")
        fault_point("change.switched")
        return {}

    def give_up(self, collection_id: str, *, expired_at: float | None = None) -> tuple[str, ...]:
        """Let go of the indexes that searches do not ask, and with them of the change; answers their ids.

        With `expired_at` only if they were to be kept until then. Their rows stay until their stores are empty.
        """
        with writing(self._engine) as connection:
            _lock(connection, collection_id)
            change = _find(connection, collection_id)
            if change is None or (expired_at is not None and not _is_over(change, expired_at)):
                return ()
            give_roles(connection, dict.fromkeys(change.beside, Role.GIVEN_UP))
            gone = model_changes.c.collection_id == collection_id
            connection.execute(delete(model_changes).where(gone))
        fault_point("change.given_up")
        return change.beside

    def want(self, collection_id: str, whom: str | None, *, force: bool = False) -> None:
        """Note whom searches are to ask as soon as nothing is lacking; None: it stays as it is."""
        change = update(model_changes).where(model_changes.c.collection_id == collection_id)
        with writing(self._engine) as connection:
            connection.execute(change.values(wants=whom, force=force))

    def keep(self, collection: Collection, days: float) -> None:
        """Keep the indexes that searches do not ask any more for so long, counted from the switch; NotFound."""
        values = {"keep_days": days, "kept_until": model_changes.c.switched_at + days * DAY}
        change = update(model_changes).where(model_changes.c.collection_id == collection.id)
        with writing(self._engine) as connection:
            if not connection.execute(change.values(values)).rowcount:
                raise NotFound(_no_change(collection))


def lacking(
    connection: Connection, collection_id: str, index_ids: Sequence[str], *, also_failed: bool
) -> Mapping[str, int]:
    """How many live documents each of these indexes lacks, by its id, without those that lack none; what it cannot
    hold counts `also_failed`."""
    counts: dict[str, int] = {}
    for id in index_ids:
        which = lacks(id) if also_failed else is_unnoted(id)
        query = select(func.count()).select_from(documents)
        query = query.where(
            documents.c.collection_id == collection_id,
            documents.c.live_generation.is_not(None),
            which,
        )
        counts[id] = connection.execute(query).scalar_one()
    return {id: count for id, count in counts.items() if count}


def _add(connection: Connection, collection_id: str, added: Sequence[Addition]) -> list[str]:
    return [
        add_index(
            connection,
            collection_id,
            model=one.model,
            role=Role.BUILDING,
            position=one.instead_of.position if one.instead_of else None,
        )
        for one in added
    ]


def _lock(connection: Connection, collection_id: str) -> None:
    """Let nobody end a claim of the collection between a look and a write: who does holds its indexes, too."""
    its = select(indexes.c.id).where(indexes.c.collection_id == collection_id)
    # Not for update outright: that would hold up who notes what an index holds, and holds documents by then.
    connection.execute(its.order_by(indexes.c.id).with_for_update(key_share=True)).all()


def _note_switch(connection: Connection, change: ModelChange, *, to_new: bool) -> None:
    now = time.time()
    its = model_changes.c.collection_id == change.collection_id
    values = {
        "is_switched": to_new,
        "wants": None,
        "force": False,
        "switched_at": now,
        "kept_until": now + change.keep_days * DAY,
    }
    connection.execute(update(model_changes).where(its).values(values))
    if change.space is None:
        name = change.preset if to_new else change.before
        of_it = update(collections).where(collections.c.id == change.collection_id)
        connection.execute(of_it.values(preset=name))


def _is_over(change: ModelChange, at: float) -> bool:
    return change.kept_until is not None and change.kept_until <= at


def _find(connection: Connection, collection_id: str) -> ModelChange | None:
    query = select(model_changes).where(model_changes.c.collection_id == collection_id)
    row = connection.execute(query).mappings().first()
    return None if row is None else _change(row)


def _change(row: Mapping[Any, Any]) -> ModelChange:
    told = dict(row.items())
    return ModelChange(
        **{**told, "incoming": tuple(told["incoming"]), "outgoing": tuple(told["outgoing"])}
    )


def _no_change(collection: Collection) -> str:
    return f"the model of collection {collection.name!r} is not being changed"
