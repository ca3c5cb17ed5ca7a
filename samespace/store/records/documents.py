"""Documents in the records: accepted, found, listed, deleted. How they are worked on stands in `turns`."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Engine,
    Text,
    bindparam,
    cast,
    delete,
    func,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.exc import IntegrityError

from samespace.core.errors import NotFound, SamespaceError
from samespace.core.types import State
from samespace.store.fold import fold
from samespace.store.records.accepting import accept_offers
from samespace.store.records.garbage import BLOB_LOCK, note_items, note_original
from samespace.store.records.indexes import truncated_in
from samespace.store.records.known import look_up
from samespace.store.records.offers import Offer, Outcome, Taken
from samespace.store.records.quotas import check_room, count_held, lock_collection, quota_of
from samespace.store.records.rows import Document, ItemRecord, LiveDocument, document
from samespace.store.records.tables import collections, documents, items
from samespace.store.sql import reading, serialise, writing
from samespace.store.stamp import Stamp
from samespace.store.unwritten import Unwritten

_MOST_PARAMETERS = 500
# 4 MB of live documents.
_MOST_LIVE = 10_000
_MOST_COUNTED = 1000
# As text, for PostgreSQL has no equality of its JSON.
HAS_WARNINGS = cast(documents.c.warnings, Text) != "[]"
# Every search runs it, so it is built only once.
_LIVE = select(
    documents.c.id,
    documents.c.live_generation,
    documents.c.name,
    documents.c.external_id,
    documents.c.live_hash,
).where(
    documents.c.id.in_(bindparam("ids", expanding=True)), documents.c.live_generation.is_not(None)
)
# So is this one; it is counted in an index that begins with both columns, and no row is read.
_PENDING = select(func.count()).where(
    documents.c.state.in_([State.QUEUED, State.PROCESSING]),
    documents.c.collection_id == bindparam("collection_id"),
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many documents wait in each collection, in those that are not paused together, and how many came
    to an end lately."""

    by_collection: Mapping[str, int]
    altogether: int
    finished: int


class Documents:
    """The documents of all collections."""

    def __init__(self, engine: Engine, stamp: Stamp) -> None:
        self._engine = engine
        self._live: Unwritten[str, LiveDocument] = Unwritten(stamp, _MOST_LIVE)
        self._pending: Unwritten[str, int] = Unwritten(stamp, _MOST_COUNTED)

    def accept(self, offer: Offer) -> tuple[Document, Outcome]:
        """Write down that this document is to be ingested, unless nothing about it is new.

        Its identity is the external id, or its bytes where it has none: the same bytes again are the
        same document, changed bytes, metadata or encoding under a known external id are its next generation. Other
        bytes of a name that is there without an external id are kept beside the older ones, or replace the newest.
        What its metadata has and the offer does not name is kept, unless all of it is to be replaced.
        NotFound if the collection is gone or on its way out, Busy if the document is, QuotaExceeded if the
        collection may not hold it too.
        """
        [answer] = self.accept_all([offer])
        if isinstance(answer, SamespaceError):
            raise answer
        return answer.document, answer.outcome

    def accept_all(self, offers: Sequence[Offer]) -> list[Taken | SamespaceError]:
        """The same for some hundred offers to one collection, in one transaction: what becomes of each, as if they
        were accepted one after another. NotFound of the collection."""
        if not offers:
            return []
        try:
            return self._accept_all(offers)
        except IntegrityError:
            # Another request accepted the same document between our look and our write.
            return self._accept_all(offers)

    def _accept_all(self, offers: Sequence[Offer]) -> list[Taken | SamespaceError]:
        with writing(self._engine) as connection:
            return accept_offers(connection, offers)

    def check_room(self, offer: Offer) -> None:
        """QuotaExceeded if the collection has no room for it now; asked before its bytes are stored."""
        with reading(self._engine) as connection:
            quota = quota_of(connection, offer.collection_id)
            if quota.is_limited:
                check_room(quota, look_up(connection, [offer]).document(offer), offer)

    def has_room(self, collection_id: str, documents: int, size: int) -> bool:
        """Whether so many more documents, of so many bytes together, would be within the quota whatever they are;
        NotFound of the collection."""
        with reading(self._engine) as connection:
            return quota_of(connection, collection_id).takes(documents, size)

    def get(self, collection_id: str, id: str) -> Document:
        """One document of a collection; NotFound."""
        query = select(documents).where(
            documents.c.id == id, documents.c.collection_id == collection_id
        )
        with reading(self._engine) as connection:
            row = connection.execute(query).mappings().first()
        if row is None or row["state"] == State.DELETING:
            raise NotFound(f"there is no document {id!r} in this collection")
        return document(row)

    def many(self, ids: Sequence[str]) -> dict[str, Document]:
        """Those of these ids that exist, by id."""
        query = select(documents).where(documents.c.id.in_(list(ids)))
        with reading(self._engine) as connection:
            return {row["id"]: document(row) for row in connection.execute(query).mappings()}

    def live(self, ids: Sequence[str]) -> dict[str, LiveDocument]:
        """Those of these ids that answer searches, by id."""
        return self._live.many(ids, self._read_live)

    def _read_live(self, ids: Sequence[str]) -> dict[str, LiveDocument]:
        with reading(self._engine) as connection:
            rows = connection.execute(_LIVE, {"ids": ids}).all()
            # By place: a search looks 200 of them up, and that takes half as long as unpacking.
            return {row[0]: LiveDocument(row[1], row[2], row[3], row[4]) for row in rows}

    def named(self, collection_id: str, external_ids: Sequence[str]) -> list[str]:
        """The ids of the documents of a collection that have these external ids."""
        found: list[str] = []
        with reading(self._engine) as connection:
            for start in range(0, len(external_ids), _MOST_PARAMETERS):
                some = list(external_ids[start : start + _MOST_PARAMETERS])
                query = select(documents.c.id).where(
                    documents.c.collection_id == collection_id, documents.c.external_id.in_(some)
                )
                found.extend(connection.execute(query).scalars())
        return found

    def page(
        self,
        collection_id: str,
        *,
        state: State | None = None,
        job_id: str | None = None,
        warned: bool = False,
        external_prefix: str | None = None,
        after: str = "",
        limit: int = 100,
    ) -> list[Document]:
        """Documents ordered by id, from after the given one on; `warned`: those with warnings."""
        query = select(documents).where(
            documents.c.collection_id == collection_id,
            documents.c.id > after,
            documents.c.state != State.DELETING if state is None else documents.c.state == state,
        )
        if job_id is not None:
            query = query.where(documents.c.job_id == job_id)
        if warned:
            query = query.where(HAS_WARNINGS)
        if external_prefix is not None:
            query = query.where(
                documents.c.external_id.startswith(external_prefix, autoescape=True)
            )
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(documents.c.id).limit(limit)).mappings()
            return [document(row) for row in rows]

    def newest(
        self,
        collection_id: str,
        *,
        state: State | None = None,
        name: str = "",
        before: tuple[float, str] | None = None,
        limit: int = 100,
    ) -> list[Document]:
        """Documents, the newest first, whose name or external id holds `name`, as `fold` compares; from before
        this one (when it was made, its id) on."""
        query = select(documents).where(
            documents.c.collection_id == collection_id,
            documents.c.state != State.DELETING if state is None else documents.c.state == state,
        )
        if name:
            held = (
                column.contains(fold(name), autoescape=True)
                for column in (documents.c.folded_name, documents.c.folded_external_id)
            )
            query = query.where(or_(*held))
        if before is not None:
            query = query.where(tuple_(documents.c.created_at, documents.c.id) < tuple_(*before))
        query = query.order_by(documents.c.created_at.desc(), documents.c.id.desc()).limit(limit)
        with reading(self._engine) as connection:
            return [document(row) for row in connection.execute(query).mappings()]

    def counts(self, collection_id: str | None = None) -> dict[State, int]:
        """How many documents are in each state, of one collection or of all."""
        query = select(documents.c.state, func.count()).group_by(documents.c.state)
        if collection_id is not None:
            # Every state is named: so they are counted in the index that begins with it, and no row is read.
            query = query.where(
                documents.c.collection_id == collection_id, documents.c.state.in_(list(State))
            )
        with reading(self._engine) as connection:
            return {State(state): count for state, count in connection.execute(query)}

    def pending(self, collection_id: str) -> int:
        """How many documents of a collection wait or are worked on, so that searches do not find them yet as they
        are to be."""
        return self._pending.one(collection_id, lambda: self._count_pending(collection_id))

    def _count_pending(self, collection_id: str) -> int:
        with reading(self._engine) as connection:
            count: int = connection.execute(_PENDING, {"collection_id": collection_id}).scalar_one()
            return count

    def unfinished_jobs(self, collection_id: str, limit: int = 50) -> list[str]:
        """The ids of the newest jobs of a collection whose documents wait or are worked on."""
        query = (
            select(documents.c.job_id)
            .where(
                documents.c.state.in_([State.QUEUED, State.PROCESSING]),
                documents.c.collection_id == collection_id,
                documents.c.job_id.is_not(None),
            )
            .group_by(documents.c.job_id)
            .order_by(func.max(documents.c.submitted_at).desc())
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return list(connection.execute(query).scalars())

    def waiting(self, seconds: float) -> Waiting:
        """What waits for its claim now, and how much came to an end in the last `seconds`; reads indexes alone."""
        # Counted before it is joined: that takes the documents in the order of their index.
        number = select(documents.c.collection_id, func.count().label("number"))
        number = number.where(documents.c.state == State.QUEUED)
        numbers = number.group_by(documents.c.collection_id).subquery()
        count = select(collections.c.id, collections.c.paused, numbers.c.number)
        count = count.join(numbers, numbers.c.collection_id == collections.c.id)
        ended = select(func.count()).where(documents.c.finished_at > time.time() - seconds)
        with reading(self._engine) as connection:
            rows = list(connection.execute(count))
            finished = connection.execute(ended).scalar_one()
        return Waiting(
            by_collection={id: number for id, _, number in rows},
            altogether=sum(number for _, paused, number in rows if not paused),
            finished=finished,
        )

    def mark_deleted(self, collection_id: str, ids: Sequence[str] | None = None) -> list[str]:
        """Mark documents (all of the collection without `ids`) for deletion; none is found by a search from now on.

        Answers the ids that were marked.
        """
        which = [documents.c.collection_id == collection_id, documents.c.state != State.DELETING]
        if ids is not None:
            which.append(documents.c.id.in_(list(ids)))
        now = time.time()
        change = update(documents).where(in_order(*which))
        change = change.values(
            state=State.DELETING,
            generation=documents.c.generation + 1,
            live_generation=None,
            owner=None,
            lease_until=None,
            submitted_at=now,
        )
        with writing(self._engine) as connection:
            # Taken before the documents, as `accept` takes it: in another order the two could wait for each other.
            lock_collection(connection, collection_id)
            marked = connection.execute(change.returning(documents.c.id, documents.c.size)).all()
            count_held(connection, collection_id, -len(marked), -sum(row.size for row in marked))
            return [row.id for row in marked]

    def remove(self, id: str) -> bool:
        """Drop the row of a doomed document and those of its items; False if it is not doomed (any more).

        What it held is noted as garbage.
        """
        marked = (documents.c.id == id, documents.c.state == State.DELETING)
        query = select(documents.c.content_hash, documents.c.live_hash).where(*marked)
        with writing(self._engine) as connection:
            found = connection.execute(query.with_for_update()).first()
            if found is None:
                return False
            for content_hash in set(found):
                note_original(connection, id, content_hash)
            note_items(connection, [id])
            connection.execute(delete(documents).where(*marked))
            return True

    def unheld(self, contents: Sequence[str]) -> list[str]:
        """Those of these content hashes that no document's item has."""
        held: set[str] = set()
        with reading(self._engine) as connection:
            for start in range(0, len(contents), _MOST_PARAMETERS):
                some = list(contents[start : start + _MOST_PARAMETERS])
                query = select(items.c.content_hash).where(items.c.content_hash.in_(some))
                held.update(connection.execute(query.distinct()).scalars())
        return [content_hash for content_hash in contents if content_hash not in held]

    @contextmanager
    def blob_lock(self, content_hash: str) -> Iterator[bool]:
        """Within it nobody accepts a document; answers whether no document holds these bytes."""
        held = or_(documents.c.content_hash == content_hash, documents.c.live_hash == content_hash)
        query = select(documents.c.id).where(held).limit(1)
        with writing(self._engine) as connection:
            serialise(connection, BLOB_LOCK)
            yield connection.execute(query).first() is None

    def items(self, document: Document) -> list[ItemRecord]:
        """The items of a document's live version, by position."""
        query = (
            select(
                items.c.key,
                items.c.position,
                items.c.modality,
                items.c.content_hash,
            )
            .where(
                items.c.document_id == document.id,
                items.c.generation == document.live_generation,
            )
            .order_by(items.c.position)
        )
        with reading(self._engine) as connection:
            cut = truncated_in(connection, document.id, document.live_generation)
            rows = connection.execute(query).mappings()
            return [
                ItemRecord(
                    **row,
                    cut_in=cut.get(row["position"], []),
                )
                for row in rows
            ]


def in_order(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    """These documents, locked by their ids' order: whoever writes many rows takes them in the same order,
    or two writers on PostgreSQL would wait for each other until one is killed."""
    rows = select(documents.c.id).where(*which).order_by(documents.c.id)
    return documents.c.id.in_(rows.with_for_update())
