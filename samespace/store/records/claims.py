"""How documents are worked on: claimed under a lease, moved on, ended. Every write names owner and generation,
so that a worker that lost its lease, or works on an old version, changes nothing."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Update,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)

from samespace.core.types import Item, State
from samespace.store.records.documents import in_order
from samespace.store.records.fairness import claims_owed, next_in_turn
from samespace.store.records.garbage import forget_held, note_items, note_original
from samespace.store.records.indexes import Held, held_rows, live_ids, note_held
from samespace.store.records.rows import Document, document, queued
from samespace.store.records.tables import documents, items
from samespace.store.sql import reading, serialise, writing

_CLAIMS = "samespace.claims"


@dataclass(frozen=True, slots=True)
class Done:
    """A document whose items all stand in the indexes; `held` is what each of these, by its id, has of it."""

    document: Document
    items: Sequence[Item]
    held: Mapping[str, Held]
    warnings: tuple[str, ...]


class Claims:
    """The worker's side of the documents table."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def claim(self, ids: Sequence[str], owner: str, seconds: float) -> list[Document]:
        """Take those of these documents that wait, whosever turn it is."""
        some = documents.c.id.in_(list(ids)) & (documents.c.state == State.QUEUED)
        query = select(documents.c.id).where(some).order_by(documents.c.id).with_for_update()
        with writing(self._engine) as connection:
            waiting = set(connection.execute(query).scalars())
            return _take(connection, [id for id in ids if id in waiting], owner, seconds)

    def claim_next(self, owner: str, seconds: float, most: int) -> list[Document]:
        """Take up to that many documents that wait, of the collection whose turn it is; see `next_in_turn`.

        Claims are made one after the other: two workers never take the same document, and turns are kept.
        """
        with writing(self._engine) as connection:
            serialise(connection, _CLAIMS)
            ids = next_in_turn(connection, owner, most)
            return _take(connection, ids, owner, seconds) if ids else []

    def renew(self, owner: str, seconds: float, ids: Collection[str]) -> int:
        """Extend the leases of those of these documents that this owner holds; answers how many."""
        held = (documents.c.owner == owner, documents.c.state == State.PROCESSING)
        change = (
            update(documents)
            .where(in_order(documents.c.id.in_(list(ids)), *held))
            .values(lease_until=time.time() + seconds)
        )
        with writing(self._engine) as connection:
            return connection.execute(change).rowcount

    def progress(self, doc: Document, done: int, total: int) -> bool:
        """Note how many items stand in the index; False if the document is no longer ours."""
        with writing(self._engine) as connection:
            change = update(documents).where(*_ours(doc)).values(items_done=done, items_total=total)
            return connection.execute(change).rowcount == 1

    def holds(self, doc: Document) -> bool:
        """Whether the document is still ours, and not cancelled, deleted or replaced meanwhile."""
        query = select(documents.c.id).where(*_ours(doc))
        with reading(self._engine) as connection:
            return connection.execute(query).first() is not None

    def ready(self, done: Sequence[Done]) -> list[Document]:
        """End these claims well, in one transaction; answers those that were still ours, now live.

        What was written for other indexes than searches ask by now, because the model of its collection was changed
        meanwhile, waits again.
        """
        with writing(self._engine) as connection:
            # Before the documents, as a switch takes them: in another order the two could wait for each other.
            live = _live_indexes(connection, done)
            ours = _still_ours(connection, [one.document for one in done])
            mine = [one for one in done if one.document.id in ours]
            whole = [one for one in mine if _is_whole(one, live)]
            ends = {one.document.id for one in whole}
            for one in mine:
                if one.document.id not in ends:
                    put_back = update(documents).where(*_ours(one.document))
                    connection.execute(put_back.values(_waiting()))
            return _make_live(connection, whole)

    def fail(self, doc: Document, reason: str, *, has_leftovers: bool = True) -> bool:
        """End a claim badly; what was live before stays live. False if the document is no longer ours.

        `has_leftovers`: the index may hold rows of it that are not live.
        """
        values = _ended(State.FAILED) | {"reason": reason, "has_leftovers": has_leftovers}
        with writing(self._engine) as connection:
            return (
                connection.execute(update(documents).where(*_ours(doc)).values(values)).rowcount
                == 1
            )

    def put_back(
        self, docs: Sequence[Document], *, count_attempt: bool = False, wait_seconds: float = 0
    ) -> set[str]:
        """Let documents of ours wait again: where they stood, or for some seconds and behind the others.

        Answers the ids of those that still were ours.
        """
        values = _waiting(count_attempt=count_attempt)
        if wait_seconds:
            now = time.time()
            values |= {"not_before": now + wait_seconds, "submitted_at": now}
        with writing(self._engine) as connection:
            return {
                doc.id
                for doc in sorted(docs, key=lambda doc: doc.id)
                if connection.execute(update(documents).where(*_ours(doc)).values(values)).rowcount
            }

    def swept(self, doc: Document, below: int) -> None:
        """Note that the index holds no row of this document from before that generation."""
        with writing(self._engine) as connection:
            connection.execute(
                update(documents)
                .where(documents.c.id == doc.id, documents.c.swept_generation < below)
                .values(swept_generation=below)
            )

    # What the reconciler asks for.

    def lapse(self, max_attempts: int) -> tuple[list[str], list[str]]:
        """Take documents from workers whose lease ran out: (those that wait again, those out of attempts)."""
        lapsed = (documents.c.state == State.PROCESSING, documents.c.lease_until < time.time())
        worn_out = documents.c.attempt >= max_attempts
        reason = f"its worker died {max_attempts} times while it was at this document"
        failed = (
            update(documents)
            .where(in_order(*lapsed, worn_out))
            .values(_ended(State.FAILED) | {"reason": reason, "has_leftovers": True})
        )
        waiting = (
            update(documents)
            .where(in_order(*lapsed, ~worn_out))
            .values(state=State.QUEUED, owner=None, lease_until=None, submitted_at=time.time())
        )
        return self._ids(waiting), self._ids(failed)

    def waiting(self, state: State, silent_for: float, limit: int) -> list[str]:
        """Documents in a state whose message was sent longer ago than that, oldest first."""
        query = (
            select(documents.c.id)
            .where(documents.c.state == state, documents.c.submitted_at < time.time() - silent_for)
            .order_by(documents.c.submitted_at)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return list(connection.execute(query).scalars())

    def claims_owed(self, most: int, silent_for: float, limit: int) -> int:
        """How many claims of `most` documents it takes until those have had their turn that have waited so long."""
        with reading(self._engine) as connection:
            return claims_owed(connection, most, silent_for, limit)

    def is_any_owed(self) -> bool:
        """Whether any document is being worked on, or waits and could be taken now."""
        at_work = select(documents.c.id).where(documents.c.state == State.PROCESSING).limit(1)
        with reading(self._engine) as connection:
            if connection.execute(at_work).first() is not None:
                return True
            return claims_owed(connection, 1, 0.0, 1) > 0

    def submitted(self, ids: Sequence[str]) -> None:
        """Note that the queue has just been told of these."""
        with writing(self._engine) as connection:
            connection.execute(
                update(documents)
                .where(in_order(documents.c.id.in_(list(ids))))
                .values(submitted_at=time.time())
            )

    # What people ask for.

    def retry(self, collection_id: str, ids: Sequence[str]) -> list[str]:
        """Let failed or cancelled documents wait again, as a new generation; answers which."""
        return self._retry(
            documents.c.collection_id == collection_id, documents.c.id.in_(list(ids))
        )

    def retry_job(self, job_id: str) -> list[str]:
        """The same for all documents of a job."""
        return self._retry(documents.c.job_id == job_id)

    def reread(
        self, collection_id: str, ids: Sequence[str], encoding: str, kept: Callable[[str], bool]
    ) -> list[str]:
        """Let texts that nobody works on be read again in this encoding, as a new generation; answers which.

        Of their warnings those that are `kept` stay: the others were about the last reading.
        """
        query = select(documents.c.id, documents.c.warnings).where(
            documents.c.collection_id == collection_id,
            documents.c.id.in_(list(ids)),
            documents.c.media_type.startswith("text/"),
            documents.c.state.in_([State.READY, State.FAILED, State.CANCELLED]),
        )
        again = {**queued(time.time()), "encoding": encoding}
        with writing(self._engine) as connection:
            rows = connection.execute(query.order_by(documents.c.id).with_for_update()).all()
            for id, warnings in rows:
                change = update(documents).where(documents.c.id == id)
                left = [each for each in warnings if kept(each)]
                generation = documents.c.generation + 1
                connection.execute(change.values(generation=generation, warnings=left, **again))
        return [id for id, _ in rows]

    def cancel(self, collection_id: str, ids: Sequence[str]) -> list[str]:
        """Call off the claims of documents that wait or are worked on; answers which.

        Each is a new generation, so that its worker finds that it is no longer its own. What was live stays live.
        """
        return self._cancel(
            documents.c.collection_id == collection_id, documents.c.id.in_(list(ids))
        )

    def cancel_job(self, job_id: str) -> list[str]:
        """The same for all documents of a job."""
        return self._cancel(documents.c.job_id == job_id)

    def rewrite(self, ids: Sequence[str]) -> list[str]:
        """Let live documents that nobody works on be ingested again, as a new generation; answers which.

        What is live answers searches until the new generation does.
        """
        change = (
            update(documents)
            .where(
                in_order(
                    documents.c.id.in_(list(ids)),
                    documents.c.live_generation.is_not(None),
                    documents.c.state.in_([State.READY, State.FAILED, State.CANCELLED]),
                )
            )
            .values(generation=documents.c.generation + 1, **queued(time.time()))
        )
        return self._ids(change)

    def unswept(self, limit: int) -> list[Document]:
        """Live documents that may still have rows of older generations in the index."""
        query = (
            select(documents)
            .where(documents.c.swept_generation < documents.c.live_generation)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return [document(row) for row in connection.execute(query).mappings()]

    def leftovers(self, silent_for: float, limit: int) -> list[Document]:
        """Documents that ended badly longer ago than that and may have left rows in the index."""
        query = (
            select(documents)
            .where(
                documents.c.state.in_([State.FAILED, State.CANCELLED]),
                documents.c.has_leftovers,
                documents.c.finished_at < time.time() - silent_for,
            )
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return [document(row) for row in connection.execute(query).mappings()]

    def withdrawn(self, doc: Document) -> None:
        """Note that the index holds no row of this document that is not live."""
        same = (documents.c.id == doc.id, documents.c.generation == doc.generation)
        with writing(self._engine) as connection:
            connection.execute(update(documents).where(*same).values(has_leftovers=False))

    def _retry(self, *which: ColumnElement[bool]) -> list[str]:
        ended = documents.c.state.in_([State.FAILED, State.CANCELLED])
        change = update(documents).where(in_order(*which, ended))
        return self._ids(
            change.values(generation=documents.c.generation + 1, **queued(time.time()))
        )

    def _cancel(self, *which: ColumnElement[bool]) -> list[str]:
        unended = documents.c.state.in_([State.QUEUED, State.PROCESSING])
        # An earlier generation, or an earlier start of this one, may have left rows.
        has_leftovers = or_(documents.c.generation > 1, documents.c.started_at.is_not(None))
        change = update(documents).where(in_order(*which, unended))
        return self._ids(
            change.values(
                _ended(State.CANCELLED)
                | {
                    "generation": documents.c.generation + 1,
                    "not_before": None,
                    "has_leftovers": has_leftovers,
                }
            )
        )

    def _ids(self, change: Update) -> list[str]:
        with writing(self._engine) as connection:
            return list(connection.execute(change.returning(documents.c.id)).scalars())


def _take(connection: Connection, ids: Sequence[str], owner: str, seconds: float) -> list[Document]:
    """Take documents that were seen to wait, and locked, in this transaction."""
    now = time.time()
    change = (
        update(documents)
        .where(documents.c.id.in_(list(ids)))
        .values(
            state=State.PROCESSING,
            owner=owner,
            lease_until=now + seconds,
            not_before=None,
            attempt=documents.c.attempt + 1,
            started_at=now,
        )
        .returning(documents)
    )
    rows = {row["id"]: document(row) for row in connection.execute(change).mappings()}
    return [rows[id] for id in ids if id in rows]


def _ours(doc: Document) -> list[ColumnElement[bool]]:
    return [
        documents.c.id == doc.id,
        documents.c.owner == doc.owner,
        documents.c.generation == doc.generation,
        documents.c.state == State.PROCESSING,
    ]


def _waiting(*, count_attempt: bool = False) -> dict[str, object]:
    """The columns of a document that is put back."""
    return {
        "state": State.QUEUED,
        "owner": None,
        "lease_until": None,
        "attempt": documents.c.attempt if count_attempt else documents.c.attempt - 1,
    }


def _live_indexes(connection: Connection, done: Sequence[Done]) -> Mapping[str, set[str]]:
    """What searches of their collections ask, by collection; it stays so until the end of the transaction."""
    written = {one.document.collection_id for one in done if one.held}
    return live_ids(connection, written) if written else {}


def _is_whole(done: Done, live: Mapping[str, set[str]]) -> bool:
    """Whether it stands in all that searches ask; nothing is said against one that was written nowhere."""
    return not done.held or live.get(done.document.collection_id, set()) <= done.held.keys()


def _still_ours(connection: Connection, docs: Sequence[Document]) -> set[str]:
    """The ids of those of them that are; locked, so that nobody dooms or renews one between this look and the write."""
    at_work = (documents.c.id.in_([doc.id for doc in docs]), documents.c.state == State.PROCESSING)
    query = select(documents.c.id, documents.c.owner, documents.c.generation).where(*at_work)
    rows = connection.execute(query.order_by(documents.c.id).with_for_update())
    found = {(row.id, row.owner, row.generation) for row in rows}
    return {doc.id for doc in docs if (doc.id, doc.owner, doc.generation) in found}


def _ended(state: State) -> dict[str, object]:
    return {"state": state, "owner": None, "lease_until": None, "finished_at": time.time()}


_LIVE = (
    update(documents)
    .where(documents.c.id == bindparam("doc_id"))
    .values({name: bindparam(name) for name in _ended(State.READY)})
    .values(
        reason=None,
        warnings=bindparam("warnings"),
        live_generation=bindparam("live_generation"),
        live_hash=bindparam("live_hash"),
        # What older generations left goes with the sweep.
        has_leftovers=False,
        items_total=bindparam("items"),
        items_done=bindparam("items"),
    )
)


def _make_live(connection: Connection, done: Sequence[Done]) -> list[Document]:
    """In a few statements for all of them: on SQLite one for each would cost more than the writing itself."""
    ids = [one.document.id for one in done]
    for one in done:
        if one.document.live_hash != one.document.content_hash:
            note_original(connection, one.document.id, one.document.live_hash)
    before = [one.document.id for one in done if one.document.live_generation is not None]
    if before:
        note_items(connection, before)
        connection.execute(delete(items).where(items.c.document_id.in_(before)))
    rows = [_item_row(one, item) for one in done for item in one.items]
    if rows:
        connection.execute(insert(items), rows)
    note_held(
        connection, [row for one in done for row in held_rows(one.document, one.held)], before
    )
    if ids:
        forget_held(connection, ids)
        connection.execute(_LIVE, [_live_values(one) for one in done])
    now_live = select(documents).where(documents.c.id.in_(ids)).order_by(documents.c.id)
    return [document(row) for row in connection.execute(now_live).mappings()]


def _live_values(done: Done) -> dict[str, object]:
    doc = done.document
    return {
        "doc_id": doc.id,
        "warnings": list(done.warnings),
        "live_generation": doc.generation,
        "live_hash": doc.content_hash,
        "items": len(done.items),
        **_ended(State.READY),
    }


def _item_row(done: Done, item: Item) -> dict[str, object]:
    return {
        "document_id": done.document.id,
        "generation": done.document.generation,
        "position": item.position,
        "key": item.key,
        "modality": item.modality,
        "content_hash": item.content_hash,
    }
