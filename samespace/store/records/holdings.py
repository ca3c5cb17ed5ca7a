"""What the records say that index, blobs and vector cache have to hold: long answers as streams, in order."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Engine,
    Select,
    Text,
    cast,
    exists,
    func,
    or_,
    select,
    union,
)

from samespace.core.types import Modality, State
from samespace.store.records.rows import Document, LiveItem, document
from samespace.store.records.tables import document_indexes, documents, items
from samespace.store.sql import reading

_AT_ONCE = 1000
_UNFINISHED = (State.QUEUED, State.PROCESSING)


@dataclass(frozen=True, slots=True)
class LiveStamp:
    """What differs as soon as the documents that answer searches do: their number, their generations and when
    they came to their ends; and how many items of each modality they have."""

    documents: int
    generations: int
    ended: float
    items: Mapping[Modality, int]


@dataclass(frozen=True, slots=True)
class HeldItem:
    """An item of a live version: what it stands for, and where it stands."""

    key: str
    document_id: str
    generation: int
    position: int
    modality: Modality
    content_hash: str


@dataclass(frozen=True, slots=True)
class NotHeld:
    """A document that an index can hold nothing of, and why."""

    id: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class HeldCount:
    """Live documents, how many of them an index holds, how many it cannot, and the items of those it does."""

    documents: int
    held: int
    failed: int
    items: int


class Holdings:
    """What `verify` asks for."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def live_items(
        self,
        collection_id: str,
        modalities: Sequence[Modality],
        *,
        noted_in: str | None = None,
        taken_by: str | None = None,
    ) -> Generator[LiveItem]:
        """The items of a collection that a space of these modalities has to know, by key.

        With `noted_in`, the id of an index that does not answer searches, only those of documents it is noted to
        hold as they are live; with `taken_by` none of documents that it is noted not to be able to hold. One
        statement, sorted by the database, so that all rows are of one moment; held open while it is read.
        """
        query = (
            select(items.c.key, items.c.document_id, items.c.generation, items.c.content_hash)
            .join(documents, documents.c.id == items.c.document_id)
            .where(
                documents.c.collection_id == collection_id,
                items.c.generation == documents.c.live_generation,
                items.c.modality.in_(list(modalities)),
            )
            .order_by(items.c.key)
        )
        if noted_in is not None:
            query = query.where(~lacks(noted_in))
        if taken_by is not None:
            query = query.where(~exists(_noted(taken_by, State.FAILED)))
        return (LiveItem(*row) for row in self._stream(query))

    def unnoted(self, collection_id: str, index_id: str) -> Iterator[tuple[str, int]]:
        """The documents of a collection that answer searches and of which nothing is noted for this index as they are
        live, neither that it holds them nor that it cannot: their ids and live generations."""
        query = _unnoted(collection_id, index_id)
        return ((row[0], row[1]) for row in self._stream(query.order_by(documents.c.id)))

    def unnoted_page(
        self, collection_id: str, index_id: str, after: str, limit: int
    ) -> dict[str, int]:
        """The same, some at a time: those that follow this id."""
        query = _unnoted(collection_id, index_id).where(documents.c.id > after)
        with reading(self._engine) as connection:
            found = connection.execute(query.order_by(documents.c.id).limit(limit))
            return {row[0]: row[1] for row in found}

    def items_owed(self, collection_id: str, index_id: str, modalities: Sequence[Modality]) -> int:
        """How many items of these modalities the documents have of which nothing is noted."""
        query = (
            select(func.count())
            .select_from(items)
            .join(documents, documents.c.id == items.c.document_id)
            .where(
                documents.c.collection_id == collection_id,
                items.c.generation == documents.c.live_generation,
                items.c.modality.in_(list(modalities)),
                is_unnoted(index_id),
            )
        )
        with reading(self._engine) as connection:
            return connection.execute(query).scalar_one()

    def is_noted(self, collection_id: str, index_id: str) -> bool:
        """Whether nothing is unnoted."""
        query = _unnoted(collection_id, index_id).limit(1)
        with reading(self._engine) as connection:
            return connection.execute(query).first() is None

    def failed_in(self, collection_id: str, index_ids: Sequence[str], limit: int) -> list[NotHeld]:
        """Live documents that one of these indexes can hold nothing of, and why; at most so many, by name."""
        query = (
            select(documents.c.id, documents.c.name, func.min(document_indexes.c.reason))
            .join(document_indexes, document_indexes.c.document_id == documents.c.id)
            .where(*_failed(collection_id, index_ids))
            .group_by(documents.c.id, documents.c.name)
            .order_by(documents.c.name, documents.c.id)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return [NotHeld(*row) for row in connection.execute(query)]

    def count_failed(self, collection_id: str, index_ids: Sequence[str]) -> int:
        """How many such documents there are."""
        query = (
            select(func.count(documents.c.id.distinct()))
            .join(document_indexes, document_indexes.c.document_id == documents.c.id)
            .where(*_failed(collection_id, index_ids))
        )
        with reading(self._engine) as connection:
            return connection.execute(query).scalar_one()

    def held_by(self, collection_id: str, index_id: str) -> HeldCount:
        """How many of the live documents of a collection an index holds, can hold nothing of, and altogether; and how
        many items they are."""
        state, its = document_indexes.c.state, document_indexes.c.index_id == index_id
        same = (
            (document_indexes.c.document_id == documents.c.id)
            & its
            & (document_indexes.c.generation == documents.c.live_generation)
        )
        query = (
            select(
                func.count(),
                func.count().filter(state == State.READY),
                func.count().filter(state == State.FAILED),
                func.coalesce(func.sum(document_indexes.c.done), 0),
            )
            .select_from(documents)
            .outerjoin(document_indexes, same)
            .where(
                documents.c.collection_id == collection_id,
                documents.c.live_generation.is_not(None),
            )
        )
        with reading(self._engine) as connection:
            total, ready, failed, items_held = connection.execute(query).one()
        return HeldCount(total, ready, failed, int(items_held))

    def items_of(
        self, document_ids: Sequence[str], modalities: Sequence[Modality]
    ) -> dict[str, list[HeldItem]]:
        """The items of the live versions of these documents, by position, of these modalities."""
        query = (
            select(
                items.c.document_id,
                items.c.generation,
                items.c.position,
                items.c.key,
                items.c.modality,
                items.c.content_hash,
            )
            .join(documents, documents.c.id == items.c.document_id)
            .where(
                items.c.document_id.in_(list(document_ids)),
                items.c.generation == documents.c.live_generation,
                items.c.modality.in_(list(modalities)),
            )
            .order_by(items.c.document_id, items.c.position)
        )
        found: dict[str, list[HeldItem]] = {}
        with reading(self._engine) as connection:
            for id, generation, position, key, modality, content_hash in connection.execute(query):
                item = HeldItem(key, id, generation, position, Modality(modality), content_hash)
                found.setdefault(id, []).append(item)
        return found

    def live_stamp(self, collection_id: str) -> LiveStamp:
        """What the documents of a collection that answer searches are known by."""
        mine = (
            documents.c.collection_id == collection_id,
            documents.c.live_generation.is_not(None),
        )
        count = select(
            func.count(),
            func.coalesce(func.sum(documents.c.live_generation), 0),
            func.coalesce(func.sum(documents.c.finished_at), 0.0),
        ).where(*mine)
        counts = (
            select(items.c.modality, func.count())
            .join(documents, documents.c.id == items.c.document_id)
            .where(*mine, items.c.generation == documents.c.live_generation)
            .group_by(items.c.modality)
        )
        with reading(self._engine) as connection:
            number, generations, ended = connection.execute(count).one()
            by_modality = {Modality(name): n for name, n in connection.execute(counts)}
        return LiveStamp(number, int(generations), float(ended), by_modality)

    def lacked_by(self, collection_id: str, index_id: str) -> set[str]:
        """The ids of the documents of a collection that answer searches and that this index does not hold as they are
        live, whether it will or cannot."""
        held = select(document_indexes.c.document_id).where(
            document_indexes.c.document_id == documents.c.id,
            document_indexes.c.index_id == index_id,
            document_indexes.c.generation == documents.c.live_generation,
            document_indexes.c.state == State.READY,
        )
        query = select(documents.c.id).where(
            documents.c.collection_id == collection_id,
            documents.c.live_generation.is_not(None),
            ~exists(held),
        )
        with reading(self._engine) as connection:
            return set(connection.execute(query).scalars())

    def has_items(self, document_ids: Sequence[str], keys: Sequence[str]) -> set[str]:
        """Those of these keys that are items of the live versions of these documents."""
        query = (
            select(items.c.key)
            .join(documents, documents.c.id == items.c.document_id)
            .where(
                items.c.document_id.in_(list(document_ids)),
                items.c.generation == documents.c.live_generation,
                items.c.key.in_(list(keys)),
            )
        )
        with reading(self._engine) as connection:
            return set(connection.execute(query).scalars())

    def metadata(self, collection_id: str, limit: int) -> Iterator[str]:
        """The metadata, as JSON, of the newest documents of a collection that answer searches."""
        query = (
            select(cast(documents.c.metadata, Text))
            .where(
                documents.c.collection_id == collection_id, documents.c.live_generation.is_not(None)
            )
            .order_by(documents.c.created_at.desc(), documents.c.id)
            .limit(limit)
        )
        return (row[0] for row in self._stream(query))

    def originals(self) -> Iterator[str]:
        """The content hashes of all originals that documents hold, each once, in order."""
        accepted = select(documents.c.content_hash.label("held"))
        live = select(documents.c.live_hash).where(documents.c.live_hash.is_not(None))
        return (row[0] for row in self._stream(union(accepted, live).order_by("held")))

    def unheld_originals(self, hashes: Sequence[str]) -> list[str]:
        """Those of these content hashes that are no document's original."""
        some = list(hashes)
        query = select(documents.c.content_hash, documents.c.live_hash).where(
            or_(documents.c.content_hash.in_(some), documents.c.live_hash.in_(some))
        )
        with reading(self._engine) as connection:
            held = {one for row in connection.execute(query) for one in row}
        return [content_hash for content_hash in some if content_hash not in held]

    def holders(self, content_hash: str, limit: int = 10) -> list[Document]:
        """Documents that need this original: those it answers searches for, or that wait to be ingested from it."""
        waits = documents.c.state.in_(_UNFINISHED) & (documents.c.content_hash == content_hash)
        query = select(documents).where(
            documents.c.state != State.DELETING, or_(documents.c.live_hash == content_hash, waits)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(documents.c.id).limit(limit)).mappings()
            return [document(row) for row in rows]

    def unfinished_since(self) -> float | None:
        """When the oldest document that waits or is worked on was made; None if there is none."""
        query = select(func.min(documents.c.created_at)).where(documents.c.state.in_(_UNFINISHED))
        with reading(self._engine) as connection:
            found: float | None = connection.execute(query).scalar_one()
        return found

    def _stream(self, query: Any) -> Iterator[Any]:
        with reading(self._engine) as connection:
            yield from connection.execution_options(yield_per=_AT_ONCE).execute(query)


def _failed(collection_id: str, index_ids: Sequence[str]) -> list[ColumnElement[bool]]:
    return [
        documents.c.collection_id == collection_id,
        document_indexes.c.index_id.in_(list(index_ids)),
        document_indexes.c.state == State.FAILED,
        document_indexes.c.generation == documents.c.live_generation,
    ]


def lacks(index_id: str) -> ColumnElement[bool]:
    """Whether an index does not hold a document as it is live, in a statement about documents."""
    return ~exists(_noted(index_id, State.READY))


def is_unnoted(index_id: str) -> ColumnElement[bool]:
    """Whether nothing is noted of a document as it is live for this index, in a statement about documents."""
    return ~exists(_noted(index_id, State.READY, State.FAILED))


def _unnoted(collection_id: str, index_id: str) -> Select[Any]:
    return select(documents.c.id, documents.c.live_generation).where(
        documents.c.collection_id == collection_id,
        documents.c.live_generation.is_not(None),
        is_unnoted(index_id),
    )


def _noted(index_id: str, *states: State) -> Select[Any]:
    """What of these is noted for an index of a document of the statement around it."""
    return select(document_indexes.c.document_id).where(
        document_indexes.c.document_id == documents.c.id,
        document_indexes.c.index_id == index_id,
        document_indexes.c.generation == documents.c.live_generation,
        document_indexes.c.state.in_(states),
    )
