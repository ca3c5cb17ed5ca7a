"""How documents are worked on: claimed under a lease, moved on, ended. Every write names owner and generation,
so that a worker that lost its lease, or works on an old version, changes nothing."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Update,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from samespace.core.types import Item, State
from samespace.store.records.documents import document, in_order, queued
from samespace.store.records.loose import forget_held, note_items, note_original
from samespace.store.records.rows import Document
from samespace.store.records.tables import documents, items
from samespace.store.sql import reading, writing


@dataclass(frozen=True, slots=True)
class Done:
    """A document whose items all stand in the index; `cut_in` names for an item's key the spaces that cut it."""

    document: Document
    items: Sequence[Item]
    cut_in: Mapping[str, list[str]]
    warnings: tuple[str, ...]


class Turns:
    """The worker's side of the documents table."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def claim(self, ids: Sequence[str], owner: str, seconds: float) -> list[Document]:
        """Take those of these documents that wait; two workers never take the same one."""
        now = time.time()
        change = (
            update(documents)
            .where(in_order(documents.c.id.in_(list(ids)), documents.c.state == State.QUEUED))
            .values(
                state=State.PROCESSING,
                owner=owner,
                lease_until=now + seconds,
                attempt=documents.c.attempt + 1,
                started_at=now,
            )
            .returning(documents)
        )
        with writing(self._engine) as connection:
            rows = {row["id"]: document(row) for row in connection.execute(change).mappings()}
        return [rows[id] for id in ids if id in rows]

    def renew(self, owner: str, seconds: float) -> int:
        """Extend the leases of all documents this owner holds; answers how many."""
        change = (
            update(documents)
            .where(in_order(documents.c.owner == owner, documents.c.state == State.PROCESSING))
            .values(lease_until=time.time() + seconds)
        )
        with writing(self._engine) as connection:
            return connection.execute(change).rowcount

    def progress(self, doc: Document, done: int, total: int) -> bool:
        """Note how many items stand in the index; False if the document is no longer ours."""
        with writing(self._engine) as connection:
            change = update(documents).where(*_ours(doc)).values(items_done=done, items_total=total)
            return connection.execute(change).rowcount == 1

    def ready(self, done: Sequence[Done]) -> list[Document]:
        """End these turns well, in one transaction; answers those that were still ours, now live."""
        with writing(self._engine) as connection:
            return [
                _make_live(connection, one)
                for one in sorted(done, key=lambda one: one.document.id)
                if _still_ours(connection, one.document)
            ]

    def fail(self, doc: Document, reason: str) -> bool:
        """End a turn badly; what was live before stays live. False if the document is no longer ours."""
        values = _ended(State.FAILED) | {"reason": reason}
        with writing(self._engine) as connection:
            return (
                connection.execute(update(documents).where(*_ours(doc)).values(values)).rowcount
                == 1
            )

    def put_back(self, docs: Sequence[Document], *, count_attempt: bool = False) -> None:
        """Let documents of ours wait again, for another task to go on with them."""
        attempt = documents.c.attempt if count_attempt else documents.c.attempt - 1
        with writing(self._engine) as connection:
            for doc in sorted(docs, key=lambda doc: doc.id):
                connection.execute(
                    update(documents)
                    .where(*_ours(doc))
                    .values(
                        state=State.QUEUED,
                        owner=None,
                        lease_until=None,
                        attempt=attempt,
                        submitted_at=time.time(),
                    )
                )

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
            .values(_ended(State.FAILED) | {"reason": reason})
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

    def submitted(self, ids: Sequence[str]) -> None:
        """Note that the queue has just been told of these."""
        with writing(self._engine) as connection:
            connection.execute(
                update(documents)
                .where(in_order(documents.c.id.in_(list(ids))))
                .values(submitted_at=time.time())
            )

    def retry(self, collection_id: str, ids: Sequence[str]) -> list[str]:
        """Let failed or cancelled documents wait again, as a new generation; answers which."""
        change = (
            update(documents)
            .where(
                in_order(
                    documents.c.collection_id == collection_id,
                    documents.c.id.in_(list(ids)),
                    documents.c.state.in_([State.FAILED, State.CANCELLED]),
                )
            )
            .values(generation=documents.c.generation + 1, **queued(time.time()))
        )
        return self._ids(change)

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

    def _ids(self, change: Update) -> list[str]:
        with writing(self._engine) as connection:
            return list(connection.execute(change.returning(documents.c.id)).scalars())


def _ours(doc: Document) -> list[ColumnElement[bool]]:
    return [
        documents.c.id == doc.id,
        documents.c.owner == doc.owner,
        documents.c.generation == doc.generation,
        documents.c.state == State.PROCESSING,
    ]


def _still_ours(connection: Connection, doc: Document) -> bool:
    # Locked, so that nobody dooms or renews it between this look and the write.
    query = select(documents.c.id).where(*_ours(doc)).with_for_update()
    return connection.execute(query).first() is not None


def _ended(state: State) -> dict[str, object]:
    return {"state": state, "owner": None, "lease_until": None, "finished_at": time.time()}


def _make_live(connection: Connection, done: Done) -> Document:
    doc = done.document
    if doc.live_hash != doc.content_hash:
        note_original(connection, doc.id, doc.live_hash)
    note_items(connection, doc.id)
    connection.execute(delete(items).where(items.c.document_id == doc.id))
    if done.items:
        connection.execute(insert(items), [_item_row(done, item) for item in done.items])
    forget_held(connection, doc.id)
    change = (
        update(documents)
        .where(documents.c.id == bindparam("doc_id"))
        .values(
            _ended(State.READY)
            | {
                "reason": None,
                "warnings": list(done.warnings),
                "live_generation": doc.generation,
                "live_hash": doc.content_hash,
                "items_total": len(done.items),
                "items_done": len(done.items),
            }
        )
        .returning(documents)
    )
    return document(connection.execute(change, {"doc_id": doc.id}).mappings().one())


def _item_row(done: Done, item: Item) -> dict[str, object]:
    return {
        "document_id": done.document.id,
        "generation": done.document.generation,
        "position": item.position,
        "key": item.key,
        "modality": item.modality,
        "content_hash": item.content_hash,
        "cut_in": done.cut_in.get(item.key, []),
    }
