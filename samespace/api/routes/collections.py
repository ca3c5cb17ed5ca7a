"""Collections: made, listed, paused, removed."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from ingest.collections import create_collection as make_collection
from samespace.api.context import Admin, Context, Reader, Writer, WriterOfAll
from samespace.api.openapi import KEYED, PROBLEMS
from samespace.api.responses.views import collection_view
from samespace.api.schemas import collections as schemas
from samespace.api.schemas.base import Nothing
from samespace.core.errors import InvalidRequest, NotFound, Unavailable
from samespace.core.types import State
from samespace.store.records import Collection

router = APIRouter(
    prefix="/v1/collections", tags=["collections"], responses=PROBLEMS, dependencies=KEYED
)


# More of them are told of by the reconciler, in time.
_MOST_TOLD = 10_000


@router.get("", response_model=schemas.CollectionList)
def list_collections(here: Reader) -> Any:
    """All collections that the key may see, by name."""
    return {"collections": [_view(collection, here) for collection in here.collections()]}


@router.post("", status_code=201, response_model=schemas.CollectionView)
def create_collection(body: schemas.NewCollection, here: WriterOfAll) -> Any:
    """Make a collection, embedded in the spaces of a preset."""
    preset = body.preset or here.services.settings.preset
    made = make_collection(
        body.name,
        preset,
        records=here.services.records,
        index=here.services.index,
        encoders=here.services.encoders,
    )
    here.notes.update(collection=made.name, preset=made.preset)
    return _view(made, here)


@router.get("/{collection}", response_model=schemas.CollectionView)
def get_collection(collection: str, here: Reader) -> Any:
    """One collection, with its documents by state."""
    return _view(here.collection(collection), here)


@router.patch("/{collection}", response_model=schemas.CollectionView)
def change_collection(collection: str, body: schemas.CollectionChange, here: Admin) -> Any:
    """Set or lift (null) the quota of a collection; what it holds already stays."""
    limits = body.model_dump(exclude_unset=True)
    if not limits:
        raise InvalidRequest("nothing is to be changed: give max_documents, max_bytes or both")
    changed = here.services.records.collections.limit(here.collection(collection).id, limits)
    here.notes.update(limits)
    return _view(changed, here)


@router.delete("/{collection}", status_code=202, response_model=Nothing)
def delete_collection(collection: str, here: Writer) -> Any:
    """Delete a collection and all it holds; its name is free at once, the rest goes in the background."""
    found = here.collection(collection)
    here.services.records.collections.mark_deleted(found.id)
    here.queue.delete_collection(found.id)
    return JSONResponse({}, 202)


@router.post("/{collection}/pause", response_model=schemas.Pausing)
def pause_collection(collection: str, here: Writer) -> Any:
    """Let documents wait: they are accepted, and none is begun; those being worked on are finished."""
    found = here.collection(collection)
    return {"paused": True, "changed": here.services.records.collections.pause(found.id)}


@router.post("/{collection}/resume", response_model=schemas.Pausing)
def resume_collection(collection: str, here: Writer) -> Any:
    """Go on with the documents that wait."""
    found = here.collection(collection)
    changed = here.services.records.collections.pause(found.id, paused=False)
    if changed:
        here.queue.ingest(min(_MOST_TOLD, _count_waiting(found, here)))
    return {"paused": False, "changed": changed}


def _count_waiting(collection: Collection, here: Context) -> int:
    return here.services.records.documents.counts(collection.id).get(State.QUEUED, 0)


def _view(collection: Collection, here: Context) -> schemas.CollectionView:
    counts = here.services.records.documents.counts(collection.id)
    return collection_view(collection, counts, _count_items(collection, here))


def _count_items(collection: Collection, here: Context) -> int | None:
    """Items in the space that has most: one that takes all modalities has them all."""
    try:
        return max(here.services.index.count(space.index_name) for space in collection.spaces)
    except (Unavailable, NotFound):
        return None
