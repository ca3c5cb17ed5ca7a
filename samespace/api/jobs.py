"""Jobs, and the progress of jobs and documents as server-sent events."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from samespace.api.context import Context, Reader
from samespace.api.documents import find_document
from samespace.api.events import stream
from samespace.api.openapi import KEYED, PROBLEMS
from samespace.api.schemas import jobs as schemas
from samespace.api.views import document_view, job_view

router = APIRouter(prefix="/v1", tags=["jobs"], responses=PROBLEMS, dependencies=KEYED)

_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events `progress`, the last one `done`; the data of each is the object as JSON.",
        "content": {"text/event-stream": {}},
    }
}


@router.get("/jobs", response_model=schemas.JobList)
def list_jobs(here: Reader, collection: str | None = None) -> Any:
    """The newest jobs, of one collection or of all that the key may see."""
    asked = here.collections() if collection is None else [here.collection(collection)]
    names = {one.id: one.name for one in asked}
    return {
        "jobs": [
            job_view(job, names[job.collection_id], here.records)
            for job in here.records.jobs.newest(names)
        ]
    }


@router.get("/jobs/{job}", response_model=schemas.JobView)
def get_job(job: str, here: Reader) -> Any:
    """One job and how far it has got."""
    return _look_at_job(job, here)


@router.get("/jobs/{job}/events", response_class=Response, responses=_STREAM)
async def follow_job(job: str, here: Reader) -> Response:
    """The progress of a job until it is done."""
    return await stream(lambda: _look_at_job(job, here))


@router.get(
    "/collections/{collection}/documents/{document}/events",
    response_class=Response,
    responses=_STREAM,
)
async def follow_document(collection: str, document: str, here: Reader) -> Response:
    """The progress of a document until it is ready or failed."""
    return await stream(lambda: document_view(find_document(collection, document, here)))


def _look_at_job(id: str, here: Context) -> dict[str, Any]:
    job, collection = here.job(id)
    return job_view(job, collection.name, here.records)
