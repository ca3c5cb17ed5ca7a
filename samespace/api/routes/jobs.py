"""Jobs, cancelled and retried, and the progress of jobs and documents as server-sent events."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from samespace.api.context import Context, Reader, Writer
from samespace.api.events.stream import stream
from samespace.api.openapi import KEYED, PROBLEMS, Short
from samespace.api.responses.views import document_view, job_view
from samespace.api.routes.documents import find_document
from samespace.api.schemas import documents
from samespace.api.schemas import jobs as schemas

router = APIRouter(prefix="/v1", tags=["jobs"], responses=PROBLEMS, dependencies=KEYED)

_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events `progress`, the last one `done`; the data of each is the object as JSON.",
        "content": {"text/event-stream": {}},
    }
}


@router.get("/jobs", response_model=schemas.JobList)
def list_jobs(here: Reader, collection: Short | None = None) -> Any:
    """The newest jobs, of one collection or of all that the key may see."""
    asked = here.collections() if collection is None else [here.collection(collection)]
    known = {one.id: one for one in asked}
    return {
        "jobs": [
            job_view(job, known[job.collection_id], here.records)
            for job in here.records.jobs.newest(known)
        ]
    }


@router.get("/jobs/{job}", response_model=schemas.JobView)
def get_job(job: str, here: Reader) -> Any:
    """One job and how far it has got."""
    return _look_at_job(job, here)


@router.post("/jobs/{job}/cancel", response_model=documents.Cancelled)
def cancel_job(job: str, here: Writer) -> Any:
    """Call off what is left of a job: its documents that wait or are being worked on, or its classification."""
    found, _ = here.job(job)
    if found.kind != "ingest":
        return {"cancelled": [job] if here.records.jobs.cancel(job) else []}
    cancelled = here.records.claims.cancel_job(job)
    here.notes.update(documents=len(cancelled))
    return {"cancelled": cancelled}


@router.post("/jobs/{job}/retry", status_code=202, response_model=documents.Retried)
def retry_job(job: str, here: Writer) -> Any:
    """Let what failed or was cancelled of a job wait for another turn."""
    found, _ = here.job(job)
    if found.kind != "ingest":
        retried = [job] if here.records.jobs.retry(job) else []
        if retried:
            here.queue.job(found)
        return {"retried": retried}
    retried = here.records.claims.retry_job(job)
    here.notes.update(documents=len(retried))
    here.queue.ingest(len(retried))
    return {"retried": retried}


@router.get("/jobs/{job}/events", response_class=Response, responses=_STREAM)
async def follow_job(job: str, here: Reader) -> Response:
    """The progress of a job until it is done."""
    return await stream(lambda: _look_at_job(job, here), here)


@router.get(
    "/collections/{collection}/documents/{document}/events",
    response_class=Response,
    responses=_STREAM,
)
async def follow_document(collection: str, document: str, here: Reader) -> Response:
    """The progress of a document until it is ready, failed or cancelled."""
    return await stream(lambda: document_view(find_document(collection, document, here)), here)


def _look_at_job(id: str, here: Context) -> dict[str, Any]:
    job, collection = here.job(id)
    return job_view(job, collection, here.records)
