"""What the tasks do, without Celery: claim, work, end; anything owed after that is the reconciler's."""

import logging
import time
from collections.abc import Sequence

from ingest.delete import delete_collection, delete_documents
from ingest.embed import ingest_documents
from ingest.thumbnails import make_thumbnails
from samespace.core.disks import check_space
from samespace.core.errors import NotFound, OutOfSpace, Unavailable
from samespace.core.faults import fault_point
from samespace.core.modalities import has_preview
from samespace.core.types import State
from samespace.store.records import Document
from workers.app import BULK
from workers.process import Process
from workers.submit import DOCUMENTS_PER_TASK

log = logging.getLogger(__name__)


_LATER_SECONDS = 5.0
# A message too many costs one statement, and this long until the next.
_NOTHING_SECONDS = 0.05


def ingest(process: Process) -> None:
    """Embed the documents whose turn it is; thumbnails come after."""
    if process.stopping.is_set():
        return
    services = process.services
    try:
        check_space(services.settings)
    except OutOfSpace as error:
        log.warning("documents wait: %s", error)
        return
    lease = services.settings.lease_seconds
    documents = services.records.claims.claim_next(process.owner, lease, DOCUMENTS_PER_TASK)
    if not documents:
        process.stopping.wait(_NOTHING_SECONDS)
        return
    with process.holding([doc.id for doc in documents]):
        fault_point("work.claimed")
        _embed(documents, process)
    _go_on(process)


def _go_on(process: Process) -> None:
    """Have another claim made where the messages have run out and documents have not."""
    try:
        if process.queue.length(BULK) == 0 and _is_owed(process):
            process.queue.ingest(1)
    except Unavailable as error:
        log.warning(
            "the queue was not told that documents wait, the reconciler will do it: %s", error
        )


def _embed(documents: Sequence[Document], process: Process) -> None:
    collections, id = process.services.records.collections, documents[0].collection_id
    try:
        ready = ingest_documents(documents, process.services, must_stop=process.stopping.is_set)
    except Unavailable as error:
        rest = collections.back_off(id) - time.time()
        log.warning("collection %s rests for %.0f s, its documents wait: %s", id, rest, error)
        return
    collections.clear_back_off(id)
    process.queue.thumbnails([doc.id for doc in ready if has_preview(doc.media_type)])


def delete(document_ids: Sequence[str], process: Process) -> None:
    """Remove those of these documents that are marked for deletion."""
    delete_documents(document_ids, process.services)


def remove_collection(collection_id: str, process: Process) -> None:
    """Remove a collection that is marked for deletion."""
    try:
        collection = process.services.records.collections.get(collection_id)
    except NotFound:
        return
    if collection.state is State.DELETING:
        delete_collection(collection, process.services)


def thumbnails(document_ids: Sequence[str], process: Process) -> None:
    """Make the thumbnails of those of these documents that are pictures; while other work is owed, later.

    One alone is made at once: somebody looks at it.
    """
    if process.stopping.is_set():
        return
    if len(document_ids) > 1 and _is_busy(process):
        process.queue.thumbnails(document_ids, in_seconds=_LATER_SECONDS)
    else:
        make_thumbnails(document_ids, process.services)


def _is_busy(process: Process) -> bool:
    """Whether documents are at work or have to be; those of a paused collection may wait for ever."""
    return _is_owed(process) or bool(
        process.services.records.documents.counts().get(State.PROCESSING)
    )


def _is_owed(process: Process) -> bool:
    """Whether documents wait that could be taken now."""
    claims = process.services.records.claims
    return claims.claims_owed(DOCUMENTS_PER_TASK, silent_for=0, limit=1) > 0
