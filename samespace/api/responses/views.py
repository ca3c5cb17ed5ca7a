"""Records as the models that the API answers."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from samespace.api.events.pace import document_pace, is_pending, job_pace, job_state, own_pace
from samespace.api.schemas.collections import CollectionSpace, CollectionView
from samespace.api.schemas.documents import DocumentView
from samespace.api.schemas.jobs import FailedDocument, JobView, WarnedDocument
from samespace.core.modalities import MODALITIES
from samespace.core.types import Modality, State
from samespace.store.records import Collection, Document, IndexRecord, Job, Records
from samespace.store.records.jobs import Tally
from search.sides import role_beside
from workers.kinds import KINDS

Json = dict[str, Any]

_MOST_NAMED = 20


def moment(seconds: float) -> str:
    """Seconds since the epoch as ISO 8601 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def moment_if(seconds: float | None) -> str | None:
    """The same, where there is one."""
    return None if seconds is None else moment(seconds)


def counts_view(counts: Mapping[State, int]) -> dict[str, int]:
    """Documents by state, every state named; `total` leaves out those on their way out."""
    total = sum(count for state, count in counts.items() if state is not State.DELETING)
    return {**{str(state): counts.get(state, 0) for state in State}, "total": total}


def collection_view(
    collection: Collection, counts: Mapping[State, int], items: int | None
) -> CollectionView:
    """A collection."""
    return CollectionView(
        name=collection.name,
        preset=collection.preset,
        spaces=[_space_view(space) for space in collection.spaces],
        beside=role_beside(collection),
        created_at=moment(collection.created_at),
        paused=collection.paused,
        documents=counts_view(counts),
        items=items,
        max_documents=collection.max_documents,
        max_bytes=collection.max_bytes,
        held_documents=collection.held_documents,
        held_bytes=collection.held_bytes,
    )


def _space_view(space: IndexRecord) -> CollectionSpace:
    return CollectionSpace(
        name=space.name,
        dim=space.dim,
        modalities=[str(modality) for modality in space.modalities],
        fingerprint=space.fingerprint,
    )


def document_view(document: Document) -> DocumentView:
    """A document, with its pace at this moment."""
    pace = document_pace(document, time.time())
    return DocumentView(
        id=document.id,
        name=document.name,
        external_id=document.external_id,
        media_type=document.media_type,
        size=document.size,
        content_hash=document.content_hash,
        metadata=dict(document.metadata),
        state=str(document.state),
        reason=document.reason,
        warnings=list(document.warnings),
        encoding=document.encoding,
        version=document.generation,
        is_live=document.live_generation is not None,
        items_done=document.items_done,
        items_total=document.items_total,
        items_per_second=pace.items_per_second,
        seconds_left=pace.seconds_left,
        created_at=moment(document.created_at),
        started_at=moment_if(document.started_at),
        finished_at=moment_if(document.finished_at),
        job_id=document.job_id,
        attempt=document.attempt,
    )


def job_view(job: Job, collection: Collection | None, records: Records) -> JobView:
    """A job; the state of an ingest job is that of its documents."""
    is_ingest = job.kind == "ingest"
    figures = _ingest_figures(job, records) if is_ingest else _own_figures(job)
    can_wait = figures["finished_at"] is None and _can_pause(job)
    return JobView(
        id=job.id,
        kind=job.kind,
        collection=None if collection is None else collection.name,
        paused=can_wait and collection is not None and collection.paused,
        created_at=moment(job.created_at),
        reason=job.reason,
        stage=job.stage if job.finished_at is None else None,
        result=result_of(job, records),
        **figures,
    )


def _can_pause(job: Job) -> bool:
    """Whether it waits while its collection is paused; what is at work is finished."""
    if job.kind == "ingest":
        return True
    kind = KINDS.get(job.kind)
    return kind is not None and kind.can_pause and job.state is State.QUEUED


def result_of(job: Job, records: Records) -> Json | None:
    """What a job came to, without what has been deleted since."""
    if job.result is None:
        return None
    kind = KINDS.get(job.kind)
    return dict(job.result) if kind is None or not kind.still else kind.still(job.result, records)


def _own_figures(job: Job) -> Json:
    pace = own_pace(job, time.time())
    return {
        "state": str(job.state),
        "documents": None,
        "done": job.done,
        "total": job.total,
        "items_done": job.done,
        "items_per_second": pace.items_per_second,
        "seconds_left": pace.seconds_left,
        "failed": [],
        "warned": [],
        "warned_total": 0,
        "finished_at": moment_if(job.finished_at),
    }


def _ingest_figures(job: Job, records: Records) -> Json:
    tally = records.jobs.tally(job.id)
    pace = job_pace(tally, time.time())
    ended = tally.finished_at or job.created_at
    return {
        "state": str(job_state(tally)),
        "documents": counts_view(tally.states),
        "done": sum(count for state, count in tally.states.items() if state.is_final),
        "total": counts_view(tally.states)["total"],
        "items_done": tally.items_done,
        "items_per_second": pace.items_per_second,
        "seconds_left": pace.seconds_left,
        "failed": _failed(job, tally, records),
        "warned": _warned(job, tally, records),
        "warned_total": tally.warned,
        "finished_at": None if is_pending(tally) else moment(ended),
    }


def _failed(job: Job, tally: Tally, records: Records) -> list[FailedDocument]:
    if not tally.states.get(State.FAILED):
        return []
    failed = records.documents.page(
        str(job.collection_id), state=State.FAILED, job_id=job.id, limit=_MOST_NAMED
    )
    return [FailedDocument(id=doc.id, name=doc.name, reason=doc.reason) for doc in failed]


def _warned(job: Job, tally: Tally, records: Records) -> list[WarnedDocument]:
    if not tally.warned:
        return []
    warned = records.documents.page(
        str(job.collection_id), warned=True, job_id=job.id, limit=_MOST_NAMED
    )
    return [WarnedDocument(id=doc.id, name=doc.name, warnings=list(doc.warnings)) for doc in warned]


def content_url(collection: str, document_id: str) -> str:
    """Where the original of a document is had from."""
    return f"/v1/collections/{collection}/documents/{document_id}/content"


def thumbnail_url(
    collection: str, document_id: str, modality: Modality, media_type: str
) -> str | None:
    """Where the thumbnail of an item is had from, if it is a picture that was added as one."""
    row = MODALITIES.get(modality)
    if row is None or not (row.has_preview and row.is_alone(media_type)):
        return None
    return f"/v1/collections/{collection}/documents/{document_id}/thumbnail"
