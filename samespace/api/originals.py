"""The bytes of documents: originals as they came in, and thumbnails."""

from collections.abc import Iterator
from typing import Any, BinaryIO
from urllib.parse import quote

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from samespace.api.context import Here
from samespace.api.documents import find_document
from samespace.api.openapi import KEYED, PROBLEMS
from samespace.core.errors import NotFound, Unavailable
from samespace.store.blobs import original, thumbnail
from samespace.store.records import Document

router = APIRouter(
    prefix="/v1/collections/{collection}/documents/{document}",
    tags=["documents"],
    responses=PROBLEMS,
    dependencies=KEYED,
)

_CHUNK = 1 << 18
_SAFE = frozenset({"application/pdf", "text/plain"})
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_BYTES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The bytes, as the type of the document.", "content": {"*/*": {}}}
}
_WEBP: dict[int | str, dict[str, Any]] = {
    200: {"description": "A picture of at most 320 pixels a side.", "content": {"image/webp": {}}}
}


@router.get("/content", response_class=Response, responses=_BYTES)
def get_content(collection: str, document: str, here: Here) -> Response:
    """The original, as an attachment; text that a browser might run comes as plain text."""
    found = find_document(collection, document, here)
    stream = here.blobs.open(original(found.content_hash))
    headers = {
        **_HEADERS,
        "Content-Length": str(found.size),
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name, safe='')}",
        "ETag": f'"{found.content_hash}"',
    }
    return StreamingResponse(_pieces(stream), media_type=_safe_type(found), headers=headers)


@router.get("/thumbnail", response_class=Response, responses=_WEBP)
def get_thumbnail(collection: str, document: str, here: Here) -> Response:
    """A small picture of a picture that is ready; 503 with Retry-After while it is being made."""
    found = find_document(collection, document, here)
    if not found.media_type.startswith("image/"):
        raise NotFound(f"document {found.name!r} is {found.media_type} and has no thumbnail")
    if found.live_hash is None:
        raise NotFound(
            f"document {found.name!r} is {found.state}: only ready ones have a thumbnail"
        )
    try:
        webp = here.blobs.get(thumbnail(found.live_hash))
    except NotFound as error:
        here.queue.thumbnails([found.id])
        raise Unavailable(f"the thumbnail of {found.name!r} is being made") from error
    headers = {**_HEADERS, "Cache-Control": "private, max-age=3600"}
    return Response(webp, media_type="image/webp", headers=headers)


def _safe_type(document: Document) -> str:
    if document.media_type.startswith("text/"):
        return "text/plain"
    is_safe = document.media_type in _SAFE or document.media_type.startswith("image/")
    return document.media_type if is_safe else "application/octet-stream"


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    with stream:
        while piece := stream.read(_CHUNK):
            yield piece
