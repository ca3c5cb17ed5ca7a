"""Indexes of collections in the records, and what they hold of each document."""

import secrets
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    ScalarSelect,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.exc import IntegrityError

from samespace.core.errors import NotFound
from samespace.core.types import Modality, State
from samespace.store.records.models import MODELS_LOCK, ensure_models, read_models
from samespace.store.records.rows import Document, IndexRecord, ModelRecord, Role
from samespace.store.records.tables import document_indexes, documents, indexes, items, models
from samespace.store.rows import ROWS_VERSION
from samespace.store.sql import reading, serialise, writing

DENSE = "dense"
"""The kind whose rows are vectors of a model."""


@dataclass(frozen=True, slots=True)
class Held:
    """What an index holds of a document that becomes live: all of the items that it takes, so many; those at the
    `truncated` positions it knows only by their beginning."""

    total: int
    truncated: Sequence[int] = ()


class Indexes:
    """Made, given another role, kept up to date."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(
        self,
        collection_id: str,
        *,
        kind: str = DENSE,
        model: ModelRecord | None = None,
        role: Role = Role.BUILDING,
    ) -> str:
        """Put an index on record, the last of its collection, before anything is made for it; answers its id. NotFound
        if there is no such collection."""
        try:
            with writing(self._engine) as connection:
                return add_index(connection, collection_id, kind=kind, model=model, role=role)
        except IntegrityError as error:
            raise NotFound(f"there is no collection with id {collection_id!r}") from error

    def give_roles(self, roles: Mapping[str, Role]) -> None:
        """Let these indexes, by id, be something else from now on, all of them at the same moment."""
        with writing(self._engine) as connection:
            give_roles(connection, roles)

    def rows_renewed(self, id: str) -> None:
        """All rows of this index are of this release now."""
        change = update(indexes).where(indexes.c.id == id)
        with writing(self._engine) as connection:
            connection.execute(change.values(rows_version=ROWS_VERSION))

    def note(
        self,
        id: str,
        modalities: Sequence[Modality],
        generations: Mapping[str, int],
        truncated: Mapping[str, Sequence[int]] | None = None,
    ) -> None:
        """Note that this index, which takes items of these modalities, holds these generations of documents, by their
        ids; those whose live generation is another one by now are passed over. Of items at the `truncated` positions
        it knows only the beginning."""
        still = tuple_(documents.c.id, documents.c.live_generation).in_(list(generations.items()))
        query = select(documents.c.id).where(still).order_by(documents.c.id).with_for_update()
        total = _count_of_items(modalities)
        rows = select(
            documents.c.id,
            literal(id),
            documents.c.live_generation,
            literal(State.READY.value),
            total,
            total,
        )
        columns = ["document_id", "index_id", "generation", "state", "total", "done"]
        with writing(self._engine) as connection:
            ids = list(connection.execute(query).scalars())
            _forget(connection, id, ids)
            found = rows.where(documents.c.id.in_(ids))
            connection.execute(insert(document_indexes).from_select(columns, found))
            cut = [
                {"doc_id": one, "index": id, "at": list(truncated[one])}
                for one in ids
                if truncated and truncated.get(one)
            ]
            if cut:
                connection.execute(_TRUNCATED, cut)

    def note_failed(self, id: str, generations: Mapping[str, int], reason: str) -> None:
        """Note that this index can hold nothing of these generations of documents, by their ids, and why; those whose
        live generation is another one by now are passed over."""
        still = tuple_(documents.c.id, documents.c.live_generation).in_(list(generations.items()))
        query = select(documents.c.id).where(still).order_by(documents.c.id).with_for_update()
        with writing(self._engine) as connection:
            ids = list(connection.execute(query).scalars())
            _forget(connection, id, ids)
            rows = [_failed_row(one, id, generations[one], reason) for one in ids]
            if rows:
                connection.execute(insert(document_indexes), rows)

    def forget_failed(self, id: str) -> int:
        """Let what this index could not hold be tried again; answers how many documents."""
        failed = (document_indexes.c.index_id == id, document_indexes.c.state == State.FAILED)
        with writing(self._engine) as connection:
            return connection.execute(delete(document_indexes).where(*failed)).rowcount

    def are_live(self, ids: Sequence[str]) -> bool:
        """Whether searches ask all of these."""
        query = select(func.count()).select_from(indexes)
        query = query.where(indexes.c.id.in_(list(ids)), indexes.c.role == Role.LIVE)
        with reading(self._engine) as connection:
            return connection.execute(query).scalar_one() == len(set(ids))

    def given_up(self) -> list[IndexRecord]:
        """Those that are to be removed, whosever they were."""
        query = select(indexes).where(indexes.c.role == Role.GIVEN_UP)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(indexes.c.id)).all()
            known = read_models(connection, {row[3] for row in rows if row[3] is not None})
            return [read_index(row, known) for row in rows]

    @contextmanager
    def no_model_added(self, fingerprint: str) -> Iterator[bool]:
        """Within it no index of any model is added; answers whether no index but those that are given up has vectors
        of this fingerprint."""
        used = (
            select(indexes.c.id)
            .join(models, models.c.id == indexes.c.model_id)
            .where(models.c.fingerprint == fingerprint, indexes.c.role != Role.GIVEN_UP)
        )
        with writing(self._engine) as connection:
            serialise(connection, MODELS_LOCK)
            yield connection.execute(used.limit(1)).first() is None

    def forget(self, id: str, document_ids: Sequence[str]) -> None:
        """Note that this index does not hold these documents."""
        with writing(self._engine) as connection:
            _forget(connection, id, document_ids)

    def remove(self, id: str) -> None:
        """Drop the row of an index whose store is empty, and what is noted of its documents."""
        with writing(self._engine) as connection:
            connection.execute(delete(indexes).where(indexes.c.id == id))


_TRUNCATED = (
    update(document_indexes)
    .where(
        document_indexes.c.document_id == bindparam("doc_id"),
        document_indexes.c.index_id == bindparam("index"),
    )
    .values(truncated=bindparam("at"))
)


def _failed_row(document_id: str, index_id: str, generation: int, reason: str) -> dict[str, Any]:
    return {
        "document_id": document_id,
        "index_id": index_id,
        "generation": generation,
        "state": State.FAILED,
        "total": 0,
        "done": 0,
        "reason": reason,
    }


def _forget(connection: Connection, id: str, document_ids: Sequence[str]) -> None:
    held = document_indexes.c.document_id.in_(document_ids)
    connection.execute(delete(document_indexes).where(held, document_indexes.c.index_id == id))


def _count_of_items(modalities: Sequence[Modality]) -> ScalarSelect[int]:
    """How many items of these modalities the live version of a document has, in a statement about documents."""
    which = (
        items.c.document_id == documents.c.id,
        items.c.generation == documents.c.live_generation,
        items.c.modality.in_(modalities),
    )
    return select(func.count()).select_from(items).where(*which).scalar_subquery()


def give_roles(connection: Connection, roles: Mapping[str, Role]) -> None:
    """The same in a transaction of somebody else's."""
    now = time.time()
    for id, role in sorted(roles.items()):
        change = update(indexes).where(indexes.c.id == id, indexes.c.role != role)
        connection.execute(change.values(role=role, changed_at=now))


def add_index(
    connection: Connection,
    collection_id: str,
    *,
    kind: str = DENSE,
    model: ModelRecord | None = None,
    role: Role = Role.LIVE,
    position: int | None = None,
) -> str:
    """The same in a transaction of somebody else's; at a `position` among the others, where one is given."""
    if model is not None:
        serialise(connection, MODELS_LOCK)
        ensure_models(connection, [model])
    id, now = secrets.token_hex(8), time.time()
    if position is None:
        last = select(func.max(indexes.c.position)).where(indexes.c.collection_id == collection_id)
        found = connection.execute(last).scalar()
        position = 0 if found is None else found + 1
    row = {
        "id": id,
        "collection_id": collection_id,
        "kind": kind,
        "model_id": model and model.id,
        "role": role,
        "name": _store_name(collection_id, model.space.name if model else kind, id),
        "position": position,
        "rows_version": ROWS_VERSION,
        "created_at": now,
        "changed_at": now,
    }
    connection.execute(insert(indexes).values(row))
    return id


def read_index(row: Sequence[Any], known: Mapping[str, ModelRecord]) -> IndexRecord:
    """A row of the table, its columns in order, as an IndexRecord."""
    id, collection_id, kind, model_id, role, *others = row
    model = None if model_id is None else known[model_id]
    return IndexRecord(id, collection_id, kind, model, Role(role), *others)


def truncated_in(
    connection: Connection, document_id: str, generation: int | None
) -> dict[int, list[str]]:
    """For the position of an item of a document: the live indexes that know only its beginning, as people call them."""
    query = (
        select(models.c.name, document_indexes.c.truncated)
        .select_from(document_indexes)
        .join(indexes, indexes.c.id == document_indexes.c.index_id)
        .join(models, models.c.id == indexes.c.model_id)
        .where(
            document_indexes.c.document_id == document_id,
            document_indexes.c.generation == generation,
            document_indexes.c.truncated.is_not(None),
            indexes.c.role == Role.LIVE,
        )
        .order_by(indexes.c.position)
    )
    found: dict[int, list[str]] = {}
    for name, positions in connection.execute(query):
        for position in positions:
            found.setdefault(position, []).append(name)
    return found


def live_ids(connection: Connection, collection_ids: Collection[str]) -> dict[str, set[str]]:
    """What searches of these collections ask, index ids by collection; none of their indexes changes its role before
    this transaction has ended."""
    found: dict[str, set[str]] = {}
    for collection_id, id, role in connection.execute(_ROLES, {"ids": list(collection_ids)}):
        if role == Role.LIVE:
            found.setdefault(collection_id, set()).add(id)
    return found


# All of them are locked, not only those that are live: who waits for a switch would else miss what became so.
_ROLES = (
    select(indexes.c.collection_id, indexes.c.id, indexes.c.role)
    .where(indexes.c.collection_id.in_(bindparam("ids", expanding=True)))
    .order_by(indexes.c.id)
    .with_for_update(read=True)
)


def note_held(
    connection: Connection, rows: Sequence[dict[str, Any]], before: Sequence[str]
) -> None:
    """Note what indexes hold of documents that become live, rows as of `held_rows`; `before` are those of them of
    which other versions were held."""
    if before:
        mine = document_indexes.c.document_id.in_(before)
        connection.execute(delete(document_indexes).where(mine))
    if rows:
        connection.execute(insert(document_indexes), rows)


def held_rows(document: Document, held: Mapping[str, Held]) -> list[dict[str, Any]]:
    """What indexes, by id, hold of the present generation of a document, as rows of the table."""
    return [
        {
            "document_id": document.id,
            "index_id": index_id,
            "generation": document.generation,
            "state": State.READY,
            "total": one.total,
            "done": one.total,
            "truncated": list(one.truncated) or None,
        }
        for index_id, one in held.items()
    ]


def _store_name(collection_id: str, name: str, id: str) -> str:
    """Unlike that of any other index, of the same space too; letters, digits and '_', as Milvus wants it."""
    return f"c_{collection_id}_{name.replace('-', '_')}_{id}"
