"""What the records say that index, blobs and vector cache have to hold: long answers as streams, in order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Select, Text, cast, exists, func, or_, select, union

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


class Holdings:
    """What `verify` asks for."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def live_items(
        self, collection_id: str, modalities: Sequence[Modality], *, noted_in: str | None = None
    ) -> Iterator[LiveItem]:
        """The items of a collection that a space of these modalities has to know, by key.

        With `noted_in`, the id of an index that does not answer searches, only those of documents it is noted to
        hold as they are live. One statement, sorted by the database, so that all rows are of one moment; held open
        while it is read.
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
            query = query.where(exists(_noted(noted_in)))
        return (LiveItem(*row) for row in self._stream(query))

    def unnoted(self, collection_id: str, index_id: str) -> Iterator[tuple[str, int]]:
        """The documents of a collection that answer searches and that this index is not noted to hold as they are
        live: their ids and live generations."""
        query = select(documents.c.id, documents.c.live_generation).where(
            documents.c.collection_id == collection_id,
            documents.c.live_generation.is_not(None),
            ~exists(_noted(index_id)),
        )
        return ((row[0], row[1]) for row in self._stream(query.order_by(documents.c.id)))

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


def _noted(index_id: str) -> Select[Any]:
    """What an index is noted to hold of a document of the statement around it."""
    return select(document_indexes.c.document_id).where(
        document_indexes.c.document_id == documents.c.id,
        document_indexes.c.index_id == index_id,
        document_indexes.c.generation == documents.c.live_generation,
        document_indexes.c.state == State.READY,
    )
