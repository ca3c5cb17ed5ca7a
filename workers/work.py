"""What the tasks do, without Celery: claim, work, end; anything owed after that is the reconciler's."""

import logging
from collections.abc import Iterable, Sequence
from itertools import groupby

from ingest.delete import delete_collection, delete_documents
from ingest.embed import ingest_documents
from ingest.thumbnails import make_thumbnails
from samespace.core.errors import NotFound, SamespaceError, Unavailable
from samespace.core.types import State
from samespace.store.records import Document
from workers.process import Process

log = logging.getLogger(__name__)


def ingest(document_ids: Sequence[str], process: Process) -> None:
    """Embed those of these documents that still wait; thumbnails come after."""
    if process.stopping.is_set():
        return
    tools = process.tools
    claimed = tools.records.turns.claim(document_ids, process.owner, tools.settings.lease_seconds)
    for documents in _by_collection(claimed):
        try:
            ready = ingest_documents(documents, tools, must_stop=process.stopping.is_set)
        except Unavailable as error:
            log.warning("%d documents wait again: %s", len(documents), error)
            continue
        process.queue.thumbnails([doc.id for doc in ready if doc.media_type.startswith("image/")])


def delete(document_ids: Sequence[str], process: Process) -> None:
    """Remove those of these documents that are marked for deletion."""
    delete_documents(document_ids, process.tools)


def remove_collection(collection_id: str, process: Process) -> None:
    """Remove a collection that is marked for deletion."""
    try:
        collection = process.tools.records.collections.get(collection_id)
    except NotFound:
        return
    if collection.state is State.DELETING:
        delete_collection(collection, process.tools)


def thumbnails(document_ids: Sequence[str], process: Process) -> None:
    """Make the thumbnails of those of these documents that are pictures."""
    if not process.stopping.is_set():
        make_thumbnails(document_ids, process.tools)


def classify(job_id: str, process: Process) -> None:
    """Sort a whole collection into the labels of a job."""
    tools, lease = process.tools, process.tools.settings.lease_seconds
    job = tools.records.jobs.claim(job_id, process.owner, lease)
    if job is None:
        return

    def on_progress(done: int, total: int) -> bool:
        return tools.records.jobs.progress(job.id, process.owner, done, total, lease)

    try:
        result = _classify(job, process, on_progress)
    except Unavailable as error:
        log.warning("job %s waits again when its lease runs out: %s", job.id, error)
    except SamespaceError as error:
        tools.records.jobs.fail(job.id, process.owner, str(error))
    else:
        tools.records.jobs.finish(job.id, process.owner, result)


def _by_collection(documents: Iterable[Document]) -> list[list[Document]]:
    def key(doc: Document) -> str:
        return doc.collection_id

    return [list(group) for _, group in groupby(sorted(documents, key=key), key=key)]
