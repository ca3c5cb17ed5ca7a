"""Jobs, cancelled and retried, and the progress of jobs and documents as server-sent events."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from samespace.api.context import Context, Here
from samespace.api.documents import find_document
from samespace.api.events import stream
from samespace.api.openapi import KEYED, PROBLEMS
from samespace.api.schemas import documents
from samespace.api.schemas import jobs as schemas
from samespace.api.views import document_view, job_view
from samespace.core.errors import NotFound
from samespace.core.types import State
from samespace.store.records import Collection, Job

router = APIRouter(prefix="/v1", tags=["jobs"], responses=PROBLEMS, dependencies=KEYED)

_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events `progress`, the last one `done`; the data of each is the object as JSON.",
        "content": {"text/event-stream": {}},
    }
}


@router.get("/jobs", response_model=schemas.JobList)
def list_jobs(here: Here, collection: str | None = None) -> Any:
    """The newest jobs, of one collection or of all."""
    wanted = None if collection is None else here.records.collections.find(collection).id
    known = {one.id: one for one in here.records.collections.all()}
    return {
        "jobs": [
            job_view(job, known[job.collection_id], here.records)
            for job in here.records.jobs.newest(wanted)
            if job.collection_id in known
        ]
    }


@router.get("/jobs/{job}", response_model=schemas.JobView)
def get_job(job: str, here: Here) -> Any:
    """One job and how far it has got."""
    return _look_at_job(job, here)


@router.post("/jobs/{job}/cancel", response_model=documents.Cancelled)
def cancel_job(job: str, here: Here) -> Any:
    """Call off what is left of a job: its documents that wait or are being worked on, or its classification."""
    found = _find_job(job, here)
    if found.kind != "ingest":
        return {"cancelled": [job] if here.records.jobs.cancel(job) else []}
    return {"cancelled": here.records.turns.cancel_job(job)}


@router.post("/jobs/{job}/retry", status_code=202, response_model=documents.Retried)
def retry_job(job: str, here: Here) -> Any:
    """Let what failed or was cancelled of a job wait for another turn."""
    found = _find_job(job, here)
    if found.kind != "ingest":
        retried = [job] if here.records.jobs.retry(job) else []
        if retried:
            here.queue.classify(job)
        return {"retried": retried}
    retried = here.records.turns.retry_job(job)
    here.queue.ingest(len(retried))
    return {"retried": retried}


@router.get("/jobs/{job}/events", response_class=Response, responses=_STREAM)
async def follow_job(job: str, here: Here) -> Response:
    """The progress of a job until it is done."""
    return await stream(lambda: _look_at_job(job, here))


@router.get(
    "/collections/{collection}/documents/{document}/events",
    response_class=Response,
    responses=_STREAM,
)
async def follow_document(collection: str, document: str, here: Here) -> Response:
    """The progress of a document until it is ready, failed or cancelled."""
    return await stream(lambda: document_view(find_document(collection, document, here)))


def _look_at_job(id: str, here: Context) -> dict[str, Any]:
    job = here.records.jobs.get(id)
    return job_view(job, _collection_of(job, here), here.records)


def _find_job(id: str, here: Context) -> Job:
    job = here.records.jobs.get(id)
    _collection_of(job, here)
    return job


def _collection_of(job: Job, here: Context) -> Collection:
    collection = here.records.collections.get(job.collection_id)
    if collection.state is State.DELETING:
        raise NotFound(f"there is no job {job.id!r}: its collection was deleted")
    return collection
