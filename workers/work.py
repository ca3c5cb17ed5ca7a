"""What the tasks do, without Celery: claim, work, end; anything owed after that is the reconciler's."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ingest.delete import delete_collection, delete_documents
from ingest.embed import ingest_documents
from ingest.thumbnails import make_thumbnails
from samespace.core.disks import check_space
from samespace.core.errors import NotFound, OutOfSpace, SamespaceError, Unavailable
from samespace.core.faults import fault_point
from samespace.core.modalities import has_preview
from samespace.core.types import Modality, State
from samespace.store.records import Document, Job
from search.classify_collection import classify_collection
from search.labels import parse_label_set
from search.map import make_map
from workers.app import BULK
from workers.process import Process
from workers.submit import DOCUMENTS_PER_TASK

log = logging.getLogger(__name__)

Result = Mapping[str, Any]

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


def classify(job_id: str, process: Process) -> None:
    """Sort a whole collection into the labels of a job."""
    _do(job_id, _classify, process)


def lay_out(job_id: str, process: Process) -> None:
    """Make the map of a collection."""
    _do(job_id, _lay_out, process)


def _do(job_id: str, work: Callable[[Job, Process], Result | None], process: Process) -> None:
    """Claim a job that waits, and end it as the work ends; without a result it was called off, or waits again."""
    jobs, owner = process.services.records.jobs, process.owner
    job = jobs.claim(job_id, owner, process.services.settings.lease_seconds)
    if job is None:
        return
    try:
        result = work(job, process)
    except Unavailable as error:
        log.warning("job %s waits again when its lease runs out: %s", job.id, error)
    except SamespaceError as error:
        jobs.fail(job.id, owner, str(error))
    else:
        if result is not None:
            jobs.finish(job.id, owner, result)


def _classify(job: Job, process: Process) -> Result | None:
    services = process.services
    result = classify_collection(
        parse_label_set(job.params),
        collection=services.records.collections.get(job.collection_id),
        records=services.records,
        index=services.index,
        encoders=services.encoders,
        settings=services.settings,
        modalities=[Modality(name) for name in job.params.get("targets") or Modality],
        best=int(job.params.get("best", 5)),
        caches=process.caches,
        on_progress=_progress(job, process),
    )
    return result if result["complete"] else None


def _lay_out(job: Job, process: Process) -> Result | None:
    services = process.services
    return make_map(
        collection=services.records.collections.get(job.collection_id),
        records=services.records,
        index=services.index,
        cache=services.settings.data / "cache",
        on_progress=_progress(job, process),
    )


def _progress(job: Job, process: Process) -> Callable[[int, int], bool]:
    """Notes how far a job is; False once it is no longer ours, or the process is told to stop."""
    jobs, lease = process.services.records.jobs, process.services.settings.lease_seconds

    def on_progress(done: int, total: int) -> bool:
        is_ours = jobs.progress(job.id, process.owner, done, total, lease)
        return is_ours and not process.stopping.is_set()

    return on_progress
