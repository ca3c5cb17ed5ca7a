"""Adding documents: files of a form, or texts and URLs in JSON."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from tempfile import TemporaryFile
from typing import Annotated, Any, BinaryIO

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ingest.accept import Receipt, Refusal, Upload, accept_documents, text_upload
from samespace.api.bodies import check, is_form, parse_json
from samespace.api.context import Context, Writer
from samespace.api.errors import invalid_body, problem
from samespace.api.openapi import KEYED, PROBLEMS, bodies
from samespace.api.schemas import add as schemas
from samespace.api.upload import Form, read_form
from samespace.core.errors import InvalidRequest, SamespaceError, TooLarge
from samespace.core.settings import Settings
from samespace.core.space import check_space
from samespace.store.records import Collection
from samespace.store.records.documents import Outcome

router = APIRouter(
    prefix="/v1/collections/{collection}/documents",
    tags=["documents"],
    responses=PROBLEMS,
    dependencies=KEYED,
)

JobId = Annotated[str, Query(pattern="^[0-9a-f]{32}$")]

_NOTES = TypeAdapter(list[schemas.FileNote])
_MOST_URLS = 16  # fetched one after another, while the sender waits
_FIELDS = frozenset({"documents", "encoding", "metadata"})


@router.post(
    "",
    status_code=202,
    response_model=schemas.UploadView,
    openapi_extra=bodies(json=schemas.NewDocuments, form=schemas.FilesForm),
)
async def add_documents(
    collection: str, request: Request, here: Writer, job: JobId | None = None
) -> Response:
    """Take in files, texts or URLs; they are stored and on record when this answers, and searchable when `ready`.

    `job` makes one job of many requests: its id is the sender's to choose, 32 random hexadecimal digits.

    What was refused says why; the others of the request are not touched by it.
    """
    found = await run_in_threadpool(_find_with_room, collection, here)
    await run_in_threadpool(check_space, here.settings, _bytes_wanted(request))
    if not is_form(request):
        wanted = _wanted(parse_json(await request.body(), "the body"), here.settings)
        uploads = _uploads(wanted, here)
        return await run_in_threadpool(_accept, uploads, len(wanted), found, here, job)
    async with read_form(request, here.settings) as form:
        return await run_in_threadpool(_accept, _files(form), len(form.files), found, here, job)


def _find_with_room(name: str, here: Context) -> Collection:
    """Before the body is read: what would be refused for a full queue need not be sent at all."""
    found = here.collection(name)
    here.depth.check(found)
    return found


def _bytes_wanted(request: Request) -> int:
    """On disk: a form is kept as it came in until its files are stored."""
    length = request.headers.get("content-length", "")
    size = int(length) if length.isdecimal() else 0
    return 2 * size if is_form(request) else size


def _wanted(body: object, settings: Settings) -> list[schemas.NewDocument]:
    many = body if isinstance(body, dict) and "documents" in body else {"documents": [body]}
    wanted = check(schemas.NewDocuments, many).documents
    if len(wanted) > settings.max_files:
        raise TooLarge(
            f"the request has {len(wanted)} documents, the limit is {settings.max_files}"
        )
    urls = sum(one.url is not None for one in wanted)
    if urls > _MOST_URLS:
        raise TooLarge(f"the request has {urls} URLs, the limit is {_MOST_URLS}")
    return wanted


def _uploads(wanted: Sequence[schemas.NewDocument], here: Context) -> Iterator[Upload | Refusal]:
    """Each text, and each URL once it is fetched: its bytes are there until the next one is asked for."""
    for one in wanted:
        if one.url is None:
            yield text_upload(one.text or "", one.name, one.external_id, one.metadata)
            continue
        with TemporaryFile(dir=here.settings.data) as file:
            yield _fetched(one, one.url, file, here)


def _fetched(one: schemas.NewDocument, url: str, file: BinaryIO, here: Context) -> Upload | Refusal:
    try:
        name = here.fetcher.fetch(url, file)
    except SamespaceError as error:
        return Refusal(one.name or url, error)
    return Upload(
        one.name or name, file, one.external_id or url, one.metadata, encoding=one.encoding
    )


def _files(form: Form) -> list[Upload]:
    if unknown := form.fields.keys() - _FIELDS | {f.key for f in form.files if f.key != "file"}:
        raise InvalidRequest(
            f"the form has a field {min(unknown)[:100]!r}; known are file (with a file name), "
            "documents, encoding and metadata"
        )
    if not form.files:
        raise InvalidRequest("the form has no file")
    notes = _notes(form)
    common = parse_json(form.fields.get("metadata") or "{}", "the field metadata")
    if not isinstance(common, dict):
        raise InvalidRequest(
            f"the field metadata is {type(common).__name__}, it has to be an object"
        )
    return [
        Upload(
            note.name or file.name or "file",
            file.stream,
            note.external_id,
            _merged(common, note),
            is_text=note.is_text,
            encoding=note.encoding or form.fields.get("encoding") or None,
        )
        for file, note in zip(form.files, notes, strict=True)
    ]


def _notes(form: Form) -> list[schemas.FileNote]:
    if "documents" not in form.fields:
        return [schemas.FileNote() for _ in form.files]
    try:
        notes = _NOTES.validate_python(parse_json(form.fields["documents"], "the field documents"))
    except ValidationError as error:
        raise invalid_body(error) from error
    if len(notes) != len(form.files):
        raise InvalidRequest(
            f"the field documents has {len(notes)} entries for {len(form.files)} files"
        )
    return notes


def _merged(common: dict[str, Any], note: schemas.FileNote) -> Any:
    """The metadata of all files and that of this one; whether it is an object is for accept to say."""
    if note.metadata is None:
        return common
    return {**common, **note.metadata} if isinstance(note.metadata, dict) else note.metadata


def _accept(
    uploads: Iterable[Upload | Refusal],
    number: int,
    collection: Collection,
    here: Context,
    job: str | None,
) -> Response:
    job_id = job or secrets.token_hex(16)
    with here.depth.room(collection, number):
        here.records.jobs.join(job_id, collection.id)
        outcomes = accept_documents(
            uploads,
            collection=collection,
            job_id=job_id,
            records=here.records,
            blobs=here.blobs,
            settings=here.settings,
        )
    receipts = [one for one in outcomes if isinstance(one, Receipt)]
    _count(outcomes, here)
    refusals = [one for one in outcomes if isinstance(one, Refusal)]
    if not receipts:
        return problem(refusals[0].error, [_part(refusal) for refusal in refusals])
    here.notes.update(job=job_id, documents=len(receipts))
    here.queue.ingest(sum(r.outcome is not Outcome.UNCHANGED for r in receipts))
    return JSONResponse({"job_id": job_id, "documents": [_view(one) for one in outcomes]}, 202)


def _count(outcomes: Sequence[Receipt | Refusal], here: Context) -> None:
    for one in outcomes:
        if isinstance(one, Receipt):
            here.metrics.accepted.labels(one.outcome).inc()
        else:
            here.metrics.refused.labels(one.error.code).inc()


def _part(refusal: Refusal) -> dict[str, str]:
    return {"name": refusal.name, "code": refusal.error.code, "detail": str(refusal.error)}


def _view(one: Receipt | Refusal) -> dict[str, Any]:
    if isinstance(one, Refusal):
        return {
            "name": one.name,
            "error": {"code": one.error.code, "detail": str(one.error)},
        }
    document = one.document
    return {
        "id": document.id,
        "name": document.name,
        "external_id": document.external_id,
        "state": str(document.state),
        "outcome": str(one.outcome),
        "warnings": list(document.warnings),
    }
