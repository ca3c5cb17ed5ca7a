"""The bytes of documents: originals as they came in, and thumbnails."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from samespace.api.context import Reader
from samespace.api.documents import find_document
from samespace.api.downloads import HEADERS, Download, is_known, not_modified, send
from samespace.api.openapi import KEYED, PROBLEMS
from samespace.core.errors import NotFound, Unavailable
from samespace.store.blobs import original, thumbnail

router = APIRouter(
    prefix="/v1/collections/{collection}/documents/{document}",
    tags=["documents"],
    responses=PROBLEMS,
    dependencies=KEYED,
)

_BYTES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The bytes, as the type of the document.", "content": {"*/*": {}}}
}
_WEBP: dict[int | str, dict[str, Any]] = {
    200: {"description": "A picture of at most 320 pixels a side.", "content": {"image/webp": {}}}
}


@router.get("/content", response_class=Response, responses=_BYTES)
def get_content(collection: str, document: str, here: Reader, request: Request) -> Response:
    """The original or a range of it, as an attachment; text that a browser might run comes as plain text."""
    found = find_document(collection, document, here)
    what = Download(found.size, found.media_type, found.name, f'"{found.content_hash}"')
    if is_known(request.headers, what.etag):
        return not_modified(what.etag, HEADERS)
    return send(here.blobs.open(original(found.content_hash)), what, request.headers)


@router.get("/thumbnail", response_class=Response, responses=_WEBP)
def get_thumbnail(collection: str, document: str, here: Reader, request: Request) -> Response:
    """A small picture of a picture that is ready; 503 with Retry-After while it is being made."""
    found = find_document(collection, document, here)
    if not found.media_type.startswith("image/"):
        raise NotFound(f"document {found.name!r} is {found.media_type} and has no thumbnail")
    if found.live_hash is None:
        raise NotFound(
            f"document {found.name!r} is {found.state}: only ready ones have a thumbnail"
        )
    etag = f'"{found.live_hash}"'
    headers = {**HEADERS, "Cache-Control": "private, max-age=300"}
    if is_known(request.headers, etag):
        return not_modified(etag, headers)
    try:
        webp = here.blobs.get(thumbnail(found.live_hash))
    except NotFound as error:
        here.queue.thumbnails([found.id])
        raise Unavailable(f"the thumbnail of {found.name!r} is being made") from error
    return Response(webp, media_type="image/webp", headers={**headers, "ETag": etag})
