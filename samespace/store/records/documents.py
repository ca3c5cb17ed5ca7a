"""Documents in the records: accepted, found, listed, deleted. How they are worked on stands in `turns`."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Text,
    bindparam,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.exc import IntegrityError

from samespace.core.errors import Busy, NotFound
from samespace.core.types import Modality, State
from samespace.store.fold import composed, fold
from samespace.store.metadata import MetadataMode, applied, check_size, is_same
from samespace.store.records.loose import BLOB_LOCK, note_items, note_original
from samespace.store.records.quotas import (
    check_room,
    count_held,
    hold_collection,
    lock_collection,
    quota_of,
)
from samespace.store.records.rows import Document, ItemRecord, LiveDocument
from samespace.store.records.tables import collections, documents, items
from samespace.store.sql import reading, serialise, writing

_MOST_PARAMETERS = 500
_MOST_NAMESAKES = 100
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


class Outcome(StrEnum):
    """What accepting a document came to."""

    CREATED = "created"
    REPLACED = "replaced"
    UPDATED = "updated"
    RETRIED = "retried"
    UNCHANGED = "unchanged"
    KEPT_BOTH = "kept_both"


class SameName(StrEnum):
    """What a document without an external id does to an older one of its name, whose bytes are others."""

    REPLACE = "replace"
    KEEP_BOTH = "keep_both"


@dataclass(frozen=True, slots=True)
class Offer:
    """A document as it is offered: who it is, what it holds, and what `metadata` does to that of a known one, which
    then has at most `most_metadata` bytes. `on_same_name` is None where the name is nobody's word."""

    id: str
    collection_id: str
    external_id: str | None
    name: str
    media_type: str
    size: int
    content_hash: str
    metadata: Mapping[str, Any]
    warnings: tuple[str, ...]
    job_id: str
    encoding: str | None = None
    metadata_mode: MetadataMode = MetadataMode.MERGE
    most_metadata: int | None = None
    on_same_name: SameName | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many documents wait in each collection, in those that are not paused together, and how many came
    to an end lately."""

    by_collection: Mapping[str, int]
    altogether: int
    finished: int


class Documents:
    """The documents of all collections."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def accept(self, offer: Offer) -> tuple[Document, Outcome]:
        """Write down that this document is to be ingested, unless nothing about it is new.

        Its identity is the external id, or its bytes where it has none: the same bytes again are the
        same document, changed bytes, metadata or encoding under a known external id are its next generation. Other
        bytes of a name that is there without an external id are kept beside the older ones, or replace the newest.
        What its metadata has and the offer does not name is kept, unless all of it is to be replaced.
        NotFound if the collection is gone or on its way out, Busy if the document is, QuotaExceeded if the
        collection may not hold it too.
        """
        try:
            return self._accept(offer)
        except IntegrityError:
            # Another request accepted the same document between our look and our write.
            return self._accept(offer)

    def _accept(self, offer: Offer) -> tuple[Document, Outcome]:
        with writing(self._engine) as connection:
            serialise(connection, BLOB_LOCK)
            quota = hold_collection(connection, offer.collection_id)
            known = _known(connection, offer)
            check_room(quota, known, offer)
            offer = _with_what_is_kept(offer, known)
            if known is None:
                count_held(connection, offer.collection_id, 1, offer.size)
                outcome = _outcome_of_new(connection, offer)
                return _insert(connection, offer), outcome
            outcome = _outcome(known, offer)
            if outcome is Outcome.UNCHANGED and known.external_id == offer.external_id:
                return known, outcome
            count_held(connection, offer.collection_id, 0, offer.size - known.size)
            return _renew(connection, known, offer, outcome), outcome

    def check_room(self, offer: Offer) -> None:
        """QuotaExceeded if the collection has no room for it now; asked before its bytes are stored."""
        with reading(self._engine) as connection:
            check_room(quota_of(connection, offer.collection_id), _known(connection, offer), offer)

    def namesakes(self, doc: Document) -> list[str]:
        """The ids of the other documents of a collection that have this one's name and no external id either, and
        answer searches or will: the newest first."""
        with reading(self._engine) as connection:
            found = _namesakes(connection, doc)
        return [one.id for one in _answering(found) if one.id != doc.id]

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
        """What waits for its turn now, and how much came to an end in the last `seconds`; reads indexes alone."""
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

    def doom(self, collection_id: str, ids: Sequence[str] | None = None) -> list[str]:
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
            doomed = connection.execute(change.returning(documents.c.id, documents.c.size)).all()
            count_held(connection, collection_id, -len(doomed), -sum(row.size for row in doomed))
            return [row.id for row in doomed]

    def remove(self, id: str) -> bool:
        """Drop the row of a doomed document and those of its items; False if it is not doomed (any more).

        What it held is noted as loose.
        """
        doomed = (documents.c.id == id, documents.c.state == State.DELETING)
        query = select(documents.c.content_hash, documents.c.live_hash).where(*doomed)
        with writing(self._engine) as connection:
            found = connection.execute(query.with_for_update()).first()
            if found is None:
                return False
            for content_hash in set(found):
                note_original(connection, id, content_hash)
            note_items(connection, [id])
            connection.execute(delete(documents).where(*doomed))
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
                items.c.cut_in,
            )
            .where(
                items.c.document_id == document.id,
                items.c.generation == document.live_generation,
            )
            .order_by(items.c.position)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query).mappings()
            return [ItemRecord(**{**row, "modality": Modality(row["modality"])}) for row in rows]


def in_order(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    """These documents, locked by their ids' order: whoever writes many rows takes them in the same order,
    or two writers on PostgreSQL would wait for each other until one is killed."""
    rows = select(documents.c.id).where(*which).order_by(documents.c.id)
    return documents.c.id.in_(rows.with_for_update())


def document(row: Any) -> Document:
    """A row of the table as a Document."""
    shown = {name: value for name, value in row.items() if not name.startswith("folded_")}
    return Document(**{**shown, "state": State(row["state"]), "warnings": tuple(row["warnings"])})


class _Named(Protocol):
    """A document as it is offered, or as it is held."""

    @property
    def collection_id(self) -> str:
        """Where."""

    @property
    def name(self) -> str:
        """How it is called."""


def _namesakes(connection: Connection, named: _Named) -> list[Document]:
    """The documents of this name that nothing else is known by, the newest first. Case counts: `a.txt` and `A.txt`
    are two files."""
    query = select(documents).where(
        documents.c.collection_id == named.collection_id,
        documents.c.folded_name == fold(named.name),
        documents.c.external_id.is_(None),
        documents.c.state != State.DELETING,
    )
    query = query.order_by(documents.c.created_at.desc(), documents.c.id).limit(_MOST_NAMESAKES)
    found = [document(row) for row in connection.execute(query).mappings()]
    return [one for one in found if composed(one.name) == composed(named.name)]


def _answering(docs: Sequence[Document]) -> list[Document]:
    """Those that answer searches, or will."""
    waits = {State.QUEUED, State.PROCESSING}
    return [doc for doc in docs if doc.live_generation is not None or doc.state in waits]


def _known(connection: Connection, offer: Offer) -> Document | None:
    """The document this offer is about: by external id; else by its bytes, one without an external id first; else,
    where it is to replace such a one, by its name."""
    mine = documents.c.collection_id == offer.collection_id
    same_bytes = documents.c.content_hash == offer.content_hash
    if offer.external_id is None:
        wanted = [same_bytes]
    else:
        wanted = [
            documents.c.external_id == offer.external_id,
            same_bytes & documents.c.external_id.is_(None),
        ]
    for condition in wanted:
        query = select(documents).where(mine, condition)
        first = query.order_by(documents.c.external_id.nulls_first()).limit(1)
        row = connection.execute(first).mappings().first()
        if row is not None:
            return document(row)
    if offer.external_id is None and offer.on_same_name is SameName.REPLACE:
        return next(iter(_namesakes(connection, offer)), None)
    return None


def _with_what_is_kept(offer: Offer, known: Document | None) -> Offer:
    """The offer with all the metadata that the document has from now on; InvalidRequest, TooLarge."""
    metadata = applied(known.metadata if known else {}, offer.metadata, offer.metadata_mode)
    if known and offer.most_metadata is not None and not is_same(metadata, known.metadata):
        check_size(metadata, offer.name, offer.most_metadata)
    return replace(offer, metadata=metadata)


def _outcome_of_new(connection: Connection, offer: Offer) -> Outcome:
    if offer.external_id is not None or offer.on_same_name is None:
        return Outcome.CREATED
    both = _answering(_namesakes(connection, offer))
    return Outcome.KEPT_BOTH if both else Outcome.CREATED


def _outcome(known: Document, offer: Offer) -> Outcome:
    if known.state is State.DELETING:
        raise Busy(f"document {known.name!r} is being deleted; add it again when that is done")
    if known.content_hash != offer.content_hash:
        return Outcome.REPLACED
    if not is_same(known.metadata, offer.metadata):
        return Outcome.UPDATED
    if offer.encoding not in {None, known.encoding}:
        return Outcome.UPDATED
    if known.state in {State.FAILED, State.CANCELLED}:
        return Outcome.RETRIED
    return Outcome.UNCHANGED


def _insert(connection: Connection, offer: Offer) -> Document:
    now = time.time()
    row = {
        **_offered(offer),
        "id": offer.id,
        "collection_id": offer.collection_id,
        "external_id": offer.external_id,
        "encoding": offer.encoding,
        "folded_external_id": offer.external_id and fold(offer.external_id),
        "generation": 1,
        "swept_generation": 1,
        **queued(now),
        "created_at": now,
    }
    inserted = connection.execute(insert(documents).values(row).returning(documents))
    return document(inserted.mappings().one())


def _renew(connection: Connection, known: Document, offer: Offer, outcome: Outcome) -> Document:
    external_id = offer.external_id or known.external_id
    changes: dict[str, Any] = {
        "external_id": external_id,
        "folded_external_id": external_id and fold(external_id),
    }
    if outcome is not Outcome.UNCHANGED:
        changes |= _offered(offer) | queued(time.time())
        changes["generation"] = known.generation + 1
        changes["encoding"] = offer.encoding or known.encoding
        if known.content_hash not in {offer.content_hash, known.live_hash}:
            note_original(connection, known.id, known.content_hash)
    change = (
        update(documents).where(documents.c.id == known.id).values(changes).returning(documents)
    )
    return document(connection.execute(change).mappings().one())


def _offered(offer: Offer) -> dict[str, Any]:
    return {
        "name": offer.name,
        "folded_name": fold(offer.name),
        "media_type": offer.media_type,
        "size": offer.size,
        "content_hash": offer.content_hash,
        "metadata": dict(offer.metadata),
        "warnings": list(offer.warnings),
        "job_id": offer.job_id,
    }


def queued(now: float) -> dict[str, Any]:
    """The columns of a document that waits for its turn."""
    return {
        "state": State.QUEUED,
        "reason": None,
        "attempt": 0,
        "owner": None,
        "lease_until": None,
        "not_before": None,
        "items_total": None,
        "items_done": 0,
        "submitted_at": now,
        "started_at": None,
        "finished_at": None,
    }
