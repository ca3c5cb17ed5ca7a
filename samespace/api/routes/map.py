"""The map of a collection: made in the background, sent as one binary, its items looked up as they come near."""

import hashlib
import json
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from samespace.api.context import Reader
from samespace.api.openapi import KEYED, PROBLEMS
from samespace.api.responses.downloads import is_known, not_modified
from samespace.api.responses.views import moment
from samespace.api.routes.jobs import begin_job
from samespace.api.schemas import map as schemas
from samespace.api.schemas.jobs import JobId
from samespace.core.errors import NotFound
from samespace.core.modalities import MODALITIES
from search.items import FoundItem, find_items
from search.map import Map, missing_map, read_map, stamp_of
from search.points import to_wire
from workers.kinds.kind import Empty
from workers.kinds.map import map_job

router = APIRouter(
    prefix="/v1/collections/{collection}", tags=["map"], responses=PROBLEMS, dependencies=KEYED
)

_BINARY: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Little endian: uint32 length of a JSON header {count, total, made_at, fresh, modalities}, the "
        "header padded with spaces so that what follows starts at a multiple of 8, then float32 x[count], float32 "
        "y[count] (0 to 1), 16 bytes item id [count], 16 bytes document id [count], uint8 modality[count] "
        "(its number among those that the header names: 0 text, 1 image).",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    },
    204: {"description": "None was made (with `or_none`)."},
    304: {"description": "The map is the one that was sent before (If-None-Match)."},
}


@router.post("/map/jobs", status_code=202, response_model=JobId)
def start_map(collection: str, here: Reader) -> Any:
    """Make the map of a collection, or make it anew, in the background; while that is under way, the job is that one.

    A reader may ask for it: it changes nothing of the collection, and one that has not changed costs nothing.
    """
    return begin_job(map_job, Empty(), here.collection(collection), here)


@router.get("/map", response_class=Response, responses=_BINARY)
def get_map(collection: str, request: Request, here: Reader, *, or_none: bool = False) -> Response:
    """The map as it was last made, without what was deleted or replaced since.

    Where none was made the answer is 404, with `or_none` an empty 204: browsers log a 404 as an error.
    """
    found = here.collection(collection)
    info = here.services.records.maps.info(found.id)
    if info is None and or_none:
        return Response(status_code=204)
    if info is None:
        raise NotFound(missing_map(found))
    known = f"{info.stamp} {info.made_at!r} {stamp_of(found, here.services.records)}"
    etag = f'"{hashlib.sha256(known.encode()).hexdigest()[:32]}"'
    headers = {"Cache-Control": "private, no-cache"}
    if is_known(request.headers, etag):
        return not_modified(etag, headers)
    made = read_map(found, here.services.records)
    return Response(
        to_wire(made.points, _header(made)),
        media_type="application/octet-stream",
        headers={**headers, "ETag": etag},
    )


@router.post("/items/get", response_model=schemas.FoundItems)
def get_items(collection: str, body: schemas.ItemIds, here: Reader) -> Any:
    """What stands behind these items, at most 200, in their order; those that are not live are left out."""
    found = find_items(
        body.ids,
        collection=here.collection(collection),
        records=here.services.records,
        index=here.services.index,
    )
    return {"items": [_item_view(item) for item in found]}


def _header(made: Map) -> bytes:
    header = {
        "count": len(made.points),
        "total": made.total,
        "made_at": moment(made.made_at),
        "fresh": made.fresh,
        "modalities": list(MODALITIES),
    }
    return json.dumps(header).encode()


def _item_view(item: FoundItem) -> schemas.FoundItem:
    row, document = item.row, item.document
    return schemas.FoundItem(
        id=row.item.key,
        document_id=row.item.document_id,
        document_name=document.name,
        modality=str(row.item.modality),
        media_type=row.media_type,
        content_hash=document.content_hash,
        text=row.item.text or None,
        page=row.item.place.page,
    )
