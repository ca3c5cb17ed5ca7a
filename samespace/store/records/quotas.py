"""What a collection may hold and what it holds: counted in the transaction that changes it, so never wrong."""

from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection, Select, select, update

from samespace.core.errors import NotFound, QuotaExceeded
from samespace.core.types import State
from samespace.store.records.tables import collections


@dataclass(frozen=True, slots=True)
class Quota:
    """The limits of a collection (None: none), and what counts against them: documents, and bytes of originals."""

    collection: str
    max_documents: int | None
    max_bytes: int | None
    held_documents: int
    held_bytes: int

    @property
    def is_limited(self) -> bool:
        """Whether there is any limit."""
        return self.max_documents is not None or self.max_bytes is not None

    def takes(self, documents: int, size: int) -> bool:
        """Whether so many more documents, of so many bytes together, would be within the limits."""
        many, large = self.held_documents + documents, self.held_bytes + size
        return (self.max_documents is None or many <= self.max_documents) and (
            self.max_bytes is None or large <= self.max_bytes
        )


class Sized(Protocol):
    """A document as it is offered, or as it is held."""

    @property
    def name(self) -> str:
        """How it is called."""

    @property
    def size(self) -> int:
        """Bytes of the original."""


def quota_of(connection: Connection, collection_id: str) -> Quota:
    """The quota of a collection; NotFound if it is gone or on its way out."""
    return _read(connection, _open(collection_id), collection_id)


def hold_collection(connection: Connection, collection_id: str) -> Quota:
    """The same; until the transaction ends nobody dooms the collection, and nobody else counts.

    What dooms its documents next sees what this transaction wrote.
    """
    query = _open(collection_id).with_for_update(key_share=True)
    return _read(connection, query, collection_id)


def lock_collection(connection: Connection, collection_id: str) -> None:
    """Until the transaction ends nobody else counts, in whatever state the collection is."""
    query = select(collections.c.id).where(collections.c.id == collection_id)
    connection.execute(query.with_for_update(key_share=True))


def count_held(connection: Connection, collection_id: str, documents: int, size: int) -> None:
    """Add to what is held, or take away; the collection has to be locked."""
    if not documents and not size:
        return
    connection.execute(
        update(collections)
        .where(collections.c.id == collection_id)
        .values(
            held_documents=collections.c.held_documents + documents,
            held_bytes=collections.c.held_bytes + size,
        )
    )


def check_room(quota: Quota, known: Sized | None, offered: Sized) -> None:
    """QuotaExceeded if this document, in the place of the known one, is past a limit. Shrinking is always allowed."""
    documents = quota.held_documents + (known is None)
    size = quota.held_bytes + offered.size - (known.size if known else 0)
    if quota.max_documents is not None and quota.held_documents < documents > quota.max_documents:
        raise QuotaExceeded(
            f"collection {quota.collection!r} holds {quota.held_documents} documents, "
            f"its quota is {quota.max_documents}: {offered.name!r} was not taken"
        )
    if quota.max_bytes is not None and quota.held_bytes < size > quota.max_bytes:
        raise QuotaExceeded(
            f"collection {quota.collection!r} holds {quota.held_bytes} bytes, its quota is "
            f"{quota.max_bytes}: {offered.name!r} with {offered.size} was not taken"
        )


def _open(collection_id: str) -> Select[Any]:
    return select(
        collections.c.name,
        collections.c.max_documents,
        collections.c.max_bytes,
        collections.c.held_documents,
        collections.c.held_bytes,
    ).where(collections.c.id == collection_id, collections.c.state == State.READY)


def _read(
    connection: Connection,
    query: Select[Any],
    collection_id: str,
) -> Quota:
    row = connection.execute(query).first()
    if row is None:
        raise NotFound(f"there is no collection with id {collection_id!r}")
    return Quota(*row)
