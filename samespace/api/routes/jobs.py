"""Jobs, cancelled and retried, and the progress of jobs and documents as server-sent events."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ValidationError
from starlette.responses import Response

from samespace.api.auth.grants import check_scope
from samespace.api.context import Context, Reader, Writer
from samespace.api.errors import invalid_body
from samespace.api.events.stream import stream
from samespace.api.openapi import KEYED, PROBLEMS, Short
from samespace.api.responses.views import document_view, job_view
from samespace.api.routes.documents import find_document
from samespace.api.schemas import documents
from samespace.api.schemas import jobs as schemas
from samespace.core.errors import Conflict, InvalidRequest
from samespace.store.records import Collection
from workers.kinds import KINDS
from workers.kinds.kind import AnyKind
from workers.submit import submit_job

router = APIRouter(prefix="/v1", tags=["jobs"], responses=PROBLEMS, dependencies=KEYED)

_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events `progress`, the last one `done`; the data of each is the object as JSON.",
        "content": {"text/event-stream": {}},
    }
}


@router.post("/collections/{collection}/jobs", status_code=202, response_model=schemas.JobId)
def start_job(collection: str, body: schemas.JobBody, here: Reader) -> Any:
    """Begin a job of a kind in a collection; of a kind that goes once at a time, one that is under way is that one.

    What a key needs depends on the kind.
    """
    kind = KINDS.get(body.kind)
    if kind is None or kind.scope is None:
        known = ", ".join(name for name, one in KINDS.items() if one.scope is not None)
        raise InvalidRequest(f"kind is {body.kind!r}; it has to be one of {known}")
    check_scope(here.grant, kind.scope, everywhere=False)
    found = here.collection(collection)
    try:
        params = kind.params.model_validate(body.params)
    except ValidationError as error:
        raise invalid_body(error) from error
    return begin_job(kind, params, found, here)


def begin_job(
    kind: AnyKind, params: BaseModel, collection: Collection, here: Context
) -> dict[str, str]:
    """Submit a job, and say so in the audit line; InvalidRequest for parameters that make no sense."""
    if kind.check is not None:
        kind.check(params, here.services.settings)
    job = submit_job(kind, params, collection.id, records=here.services.records, queue=here.queue)
    here.notes.update(job=job.id)
    return {"job_id": job.id}


@router.get("/jobs", response_model=schemas.JobList)
def list_jobs(here: Reader, collection: Short | None = None) -> Any:
    """The newest jobs, of one collection or of all that the key may see."""
    asked = here.collections() if collection is None else [here.collection(collection)]
    known: dict[str | None, Collection] = {one.id: one for one in asked}
    newest = here.services.records.jobs.newest(
        [one.id for one in asked], with_general=collection is None and here.grant.sees(None)
    )
    return {
        "jobs": [
            job_view(job, known.get(job.collection_id), here.services.records) for job in newest
        ]
    }


@router.get("/jobs/{job}", response_model=schemas.JobView)
def get_job(job: str, here: Reader) -> Any:
    """One job and how far it has got."""
    return _look_at_job(job, here)


@router.post("/jobs/{job}/cancel", response_model=documents.Cancelled)
def cancel_job(job: str, here: Writer) -> Any:
    """Call off what is left of a job: its documents that wait or are being worked on, or itself."""
    found, _ = here.job(job)
    if found.kind != "ingest":
        kind = KINDS.get(found.kind)
        if kind is not None and not kind.can_cancel:
            raise Conflict(
                f"a job of kind {found.kind!r} cannot be cancelled: it would be due again"
            )
        if kind is not None and kind.called_off is not None and not found.state.is_final:
            kind.called_off(found, here.services.records)
        return {"cancelled": [job] if here.services.records.jobs.cancel(job) else []}
    cancelled = here.services.records.claims.cancel_job(job)
    here.notes.update(documents=len(cancelled))
    return {"cancelled": cancelled}


@router.post("/jobs/{job}/retry", status_code=202, response_model=documents.Retried)
def retry_job(job: str, here: Writer) -> Any:
    """Let what failed or was cancelled of a job wait for another turn."""
    found, _ = here.job(job)
    if found.kind != "ingest":
        retried = [job] if here.services.records.jobs.retry(job) else []
        if retried:
            here.queue.job(found)
        return {"retried": retried}
    retried = here.services.records.claims.retry_job(job)
    here.notes.update(documents=len(retried))
    here.queue.ingest(len(retried))
    return {"retried": retried}


@router.get("/jobs/{job}/events", response_class=Response, responses=_STREAM)
async def follow_job(job: str, here: Reader) -> Response:
    """The progress of a job until it is done."""
    return await stream(lambda: _look_at_job(job, here).model_dump(), here)


@router.get(
    "/collections/{collection}/documents/{document}/events",
    response_class=Response,
    responses=_STREAM,
)
async def follow_document(collection: str, document: str, here: Reader) -> Response:
    """The progress of a document until it is ready, failed or cancelled."""
    return await stream(lambda: _look_at_document(collection, document, here), here)


def _look_at_document(collection: str, document: str, here: Context) -> dict[str, Any]:
    return document_view(find_document(collection, document, here)).model_dump()


def _look_at_job(id: str, here: Context) -> schemas.JobView:
    job, collection = here.job(id)
    return job_view(job, collection, here.services.records)
