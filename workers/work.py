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
    tools = process.tools
    try:
        check_space(tools.settings)
    except OutOfSpace as error:
        log.warning("documents wait: %s", error)
        return
    lease = tools.settings.lease_seconds
    documents = tools.records.claims.claim_next(process.owner, lease, DOCUMENTS_PER_TASK)
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
    collections, id = process.tools.records.collections, documents[0].collection_id
    try:
        ready = ingest_documents(documents, process.tools, must_stop=process.stopping.is_set)
    except Unavailable as error:
        rest = collections.back_off(id) - time.time()
        log.warning("collection %s rests for %.0f s, its documents wait: %s", id, rest, error)
        return
    collections.clear_back_off(id)
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
    """Make the thumbnails of those of these documents that are pictures; while other work is owed, later.

    One alone is made at once: somebody looks at it.
    """
    if process.stopping.is_set():
        return
    if len(document_ids) > 1 and _is_busy(process):
        process.queue.thumbnails(document_ids, in_seconds=_LATER_SECONDS)
    else:
        make_thumbnails(document_ids, process.tools)


def _is_busy(process: Process) -> bool:
    """Whether documents are at work or have to be; those of a paused collection may wait for ever."""
    return _is_owed(process) or bool(process.tools.records.documents.counts().get(State.PROCESSING))


def _is_owed(process: Process) -> bool:
    """Whether documents wait that could be taken now."""
    claims = process.tools.records.claims
    return claims.claims_owed(DOCUMENTS_PER_TASK, silent_for=0, limit=1) > 0


def classify(job_id: str, process: Process) -> None:
    """Sort a whole collection into the labels of a job."""
    _do(job_id, _classify, process)


def lay_out(job_id: str, process: Process) -> None:
    """Make the map of a collection."""
    _do(job_id, _lay_out, process)


def _do(job_id: str, work: Callable[[Job, Process], Result | None], process: Process) -> None:
    """Claim a job that waits, and end it as the work ends; without a result it was called off, or waits again."""
    jobs, owner = process.tools.records.jobs, process.owner
    job = jobs.claim(job_id, owner, process.tools.settings.lease_seconds)
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
    tools = process.tools
    result = classify_collection(
        parse_label_set(job.params),
        collection=tools.records.collections.get(job.collection_id),
        records=tools.records,
        index=tools.index,
        encoders=tools.encoders,
        settings=tools.settings,
        modalities=[Modality(name) for name in job.params.get("targets") or Modality],
        best=int(job.params.get("best", 5)),
        caches=process.caches,
        on_progress=_progress(job, process),
    )
    return result if result["complete"] else None


def _lay_out(job: Job, process: Process) -> Result | None:
    tools = process.tools
    return make_map(
        collection=tools.records.collections.get(job.collection_id),
        records=tools.records,
        index=tools.index,
        cache=tools.settings.data / "cache",
        on_progress=_progress(job, process),
    )


def _progress(job: Job, process: Process) -> Callable[[int, int], bool]:
    """Notes how far a job is; False once it is no longer ours, or the process is told to stop."""
    jobs, lease = process.tools.records.jobs, process.tools.settings.lease_seconds

    def on_progress(done: int, total: int) -> bool:
        is_ours = jobs.progress(job.id, process.owner, done, total, lease)
        return is_ours and not process.stopping.is_set()

    return on_progress
