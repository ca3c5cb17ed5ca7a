"""The bytes of documents: originals as they came in, and thumbnails."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from samespace.api.context import Reader
from samespace.api.openapi import KEYED, PROBLEMS
from samespace.api.responses.downloads import HEADERS, Download, is_known, not_modified, send
from samespace.api.routes.documents import find_document
from samespace.core.errors import NotFound, Unavailable
from samespace.core.modalities import has_preview
from samespace.store.blobs import Size, original, thumbnail
from samespace.store.records import Document

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
    200: {"description": "A picture that fits into the size.", "content": {"image/webp": {}}}
}
Version = Annotated[
    str | None, Query(max_length=64, description="The content hash it is shown for")
]


@router.get("/content", response_class=Response, responses=_BYTES)
def get_content(collection: str, document: str, here: Reader, request: Request) -> Response:
    """The original or a range of it, as an attachment; text that a browser might run comes as plain text."""
    found = find_document(collection, document, here)
    what = Download(found.size, found.media_type, found.name, f'"{found.content_hash}"')
    if is_known(request.headers, what.etag):
        return not_modified(what.etag, HEADERS)
    return send(here.services.blobs.open(original(found.content_hash)), what, request.headers)


@router.get("/thumbnail", response_class=Response, responses=_WEBP)
def get_thumbnail(
    collection: str,
    document: str,
    here: Reader,
    request: Request,
    *,
    size: Size = Size.SMALL,
    v: Version = None,
) -> Response:
    """A picture that is ready within 320 (small) or 1280 (large) pixels; 503 with Retry-After while it is being made.

    With the content hash of what is live as `v`, the answer may be kept for good: other bytes have another address.
    """
    found = find_document(collection, document, here)
    if not has_preview(found.media_type):
        raise NotFound(f"document {found.name!r} is {found.media_type} and has no thumbnail")
    if found.live_hash is None:
        raise NotFound(
            f"document {found.name!r} is {found.state}: only ready ones have a thumbnail"
        )
    etag = f'"{found.live_hash}"'
    headers = {**HEADERS, "Cache-Control": _kept(found, v)}
    if is_known(request.headers, etag):
        return not_modified(etag, headers)
    try:
        webp = here.services.blobs.get(thumbnail(found.live_hash, size))
    except NotFound as error:
        here.queue.thumbnails([found.id])
        raise Unavailable(f"the thumbnail of {found.name!r} is being made") from error
    return Response(webp, media_type="image/webp", headers={**headers, "ETag": etag})


def _kept(document: Document, version: str | None) -> str:
    """How long the browser alone may keep a thumbnail; not at all under the name of other bytes."""
    if version is None:
        return "private, max-age=300"
    is_live = version == document.live_hash
    return "private, max-age=31536000, immutable" if is_live else "private, no-cache"
