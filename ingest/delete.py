"""Deleting documents and collections, for good."""

from collections.abc import Sequence
from contextlib import nullcontext, suppress

from ingest.release import release
from samespace.core.errors import NotFound
from samespace.core.faults import fault_point
from samespace.core.types import State
from samespace.services import Services
from samespace.store.index_kinds import kind_of
from samespace.store.records import Collection, Document, Role

_AT_ONCE = 200


def delete_documents(ids: Sequence[str], services: Services) -> None:
    """Remove the rows, vectors, blobs and records of documents that are marked for deletion."""
    marked = [
        doc for doc in services.records.documents.many(ids).values() if doc.state is State.DELETING
    ]
    by_collection: dict[str, list[Document]] = {}
    for doc in marked:
        by_collection.setdefault(doc.collection_id, []).append(doc)
    for collection_id, docs in by_collection.items():
        for index in services.records.collections.get(collection_id).indexes:
            kind = kind_of(index, services.records, services.index)
            # One that is about to be built, or was just given up, is not there.
            with nullcontext() if index.role is Role.LIVE else suppress(NotFound):
                kind.delete(index, [doc.id for doc in docs])
        fault_point("delete.unindexed")
        _remove(docs, services)


def delete_collection(collection: Collection, services: Services) -> None:
    """Remove a collection that is marked for deletion, with all it holds."""
    given_up = [
        one for one in services.records.indexes.given_up() if one.collection_id == collection.id
    ]
    for index in (*collection.indexes, *given_up):
        kind_of(index, services.records, services.index).drop(index)
    services.records.documents.mark_deleted(collection.id)
    while docs := services.records.documents.page(
        collection.id, state=State.DELETING, limit=_AT_ONCE
    ):
        _remove(docs, services)
    services.records.collections.remove(collection.id)


def _remove(docs: Sequence[Document], services: Services) -> None:
    for doc in docs:
        if services.records.documents.remove(doc.id):
            fault_point("delete.removed")
    release(services)
