"""Adding documents: files of a form, or texts and URLs in JSON."""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from tempfile import TemporaryFile
from typing import Annotated, Any, BinaryIO, TypedDict

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from ingest.accept import Receipt, Refusal, Upload, accept_documents, text_upload, unexpected
from samespace.api.context import Context, Writer
from samespace.api.errors import invalid_body, problem, shortened
from samespace.api.openapi import KEYED, PROBLEMS, bodies
from samespace.api.requests.bodies import check, is_form, parse_json
from samespace.api.requests.multipart import Form, read_form
from samespace.api.schemas import add as schemas
from samespace.core.disks import check_space
from samespace.core.errors import InvalidRequest, SamespaceError, TooLarge
from samespace.core.names import LONGEST
from samespace.core.nearest import not_known
from samespace.core.settings import Settings
from samespace.store.metadata import MetadataMode
from samespace.store.records import Collection
from samespace.store.records.offers import Outcome, SameName

router = APIRouter(
    prefix="/v1/collections/{collection}/documents",
    tags=["documents"],
    responses=PROBLEMS,
    dependencies=KEYED,
)

JobId = Annotated[str, Query(pattern="^[0-9a-f]{32}$")]

_NOTES = TypeAdapter(list[schemas.FileNote])
_MOST_URLS = 16  # fetched one after another, while the sender waits
_FIELDS = frozenset({"documents", "encoding", "metadata", "metadata_mode", "on_same_name"})
_KNOWN = _FIELDS | {"file"}


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
    await run_in_threadpool(check_space, here.services.settings, _bytes_wanted(request))
    if not is_form(request):
        wanted = await run_in_threadpool(_wanted, await request.body(), here.services.settings)
        uploads = _uploads(wanted, here)
        return await run_in_threadpool(_accept, uploads, len(wanted), found, here, job)
    async with read_form(request, here.services.settings) as form:
        files = await run_in_threadpool(_files, form)
        return await run_in_threadpool(_accept, files, len(files), found, here, job)


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


def _wanted(source: bytes, settings: Settings) -> list[schemas.NewDocument]:
    body = parse_json(source, "the body")
    many = body if isinstance(body, dict) and "documents" in body else {"documents": [body]}
    given = many["documents"]
    if isinstance(given, list) and len(given) > settings.max_files:  # before each is looked at
        raise TooLarge(f"the request has {len(given)} documents, the limit is {settings.max_files}")
    wanted = check(schemas.NewDocuments, many).documents
    urls = sum(one.url is not None for one in wanted)
    if urls > _MOST_URLS:
        raise TooLarge(f"the request has {urls} URLs, the limit is {_MOST_URLS}")
    return wanted


def _uploads(wanted: Sequence[schemas.NewDocument], here: Context) -> Iterator[Upload | Refusal]:
    """Each text, and each URL once it is fetched: its bytes are there until the next one is asked for."""
    for one in wanted:
        if one.url is None:
            yield text_upload(
                one.text or "", one.name, one.external_id, one.metadata, **_ways(one, {})
            )
            continue
        with TemporaryFile(dir=here.services.settings.data) as file:
            yield _fetched(one, one.url, file, here)


def _fetched(one: schemas.NewDocument, url: str, file: BinaryIO, here: Context) -> Upload | Refusal:
    try:
        name = here.fetcher.fetch(url, file)
    except SamespaceError as error:
        return Refusal(one.name or url, error)
    except Exception as error:  # the others of the request are not touched by it
        return unexpected(one.name or url, error)
    return Upload(
        one.name or name,
        file,
        one.external_id or url,
        one.metadata,
        encoding=one.encoding,
        is_passing=True,
        **_ways(one, {}),
    )


def _files(form: Form) -> list[Upload]:
    if unknown := form.fields.keys() - _FIELDS | {f.key for f in form.files if f.key != "file"}:
        raise InvalidRequest(
            f"{not_known(min(unknown), 'field of the form', _KNOWN)}; known are file (with a file name), "
            "documents, encoding, metadata, metadata_mode and on_same_name"
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
            **_ways(note, form.fields),
        )
        for file, note in zip(form.files, notes, strict=True)
    ]


def _notes(form: Form) -> list[schemas.FileNote]:
    if "documents" not in form.fields:
        return [schemas.FileNote() for _ in form.files]
    given = parse_json(form.fields["documents"], "the field documents")
    if isinstance(given, list) and len(given) != len(form.files):
        raise InvalidRequest(
            f"the field documents has {len(given)} entries for {len(form.files)} files"
        )
    try:
        return _NOTES.validate_python(given)
    except ValidationError as error:
        raise invalid_body(error) from error


class _Ways(TypedDict):
    metadata_mode: MetadataMode
    on_same_name: SameName


def _ways(one: schemas.NewDocument | schemas.FileNote, common: Mapping[str, str]) -> _Ways:
    """What is to become of older metadata and of an older document of the name: as this one says, or all of them."""
    mode = one.metadata_mode or common.get("metadata_mode", MetadataMode.MERGE)
    same_name = one.on_same_name or common.get("on_same_name", SameName.KEEP_BOTH)
    return {
        "metadata_mode": MetadataMode(_one_of(MetadataMode, mode, "metadata_mode")),
        "on_same_name": SameName(_one_of(SameName, same_name, "on_same_name")),
    }


def _one_of(known: type[StrEnum], given: str, field: str) -> str:
    if given not in set(known):
        raise InvalidRequest(
            f"the field {field} is {given[:80]!r}, it has to be one of {', '.join(known)}"
        )
    return given


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
        here.services.records.jobs.join(job_id, collection.id)
        outcomes = accept_documents(
            uploads,
            collection=collection,
            job_id=job_id,
            records=here.services.records,
            blobs=here.services.blobs,
            settings=here.services.settings,
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
    return {
        "name": shortened(refusal.name, LONGEST),
        "code": refusal.error.code,
        "detail": shortened(str(refusal.error), LONGEST),
    }


def _view(one: Receipt | Refusal) -> dict[str, Any]:
    if isinstance(one, Refusal):
        return {
            "name": shortened(one.name, LONGEST),
            "error": {"code": one.error.code, "detail": shortened(str(one.error), LONGEST)},
        }
    document = one.document
    return {
        "id": document.id,
        "job_id": document.job_id,
        "name": document.name,
        "external_id": document.external_id,
        "state": str(document.state),
        "outcome": str(one.outcome),
        "same_name": list(one.same_name),
        "warnings": list(document.warnings),
    }
