"""Documents: found, listed, retried, cancelled, deleted."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query

from ingest.detect import is_of_name
from samespace.api.context import Context, Reader, Writer
from samespace.api.openapi import KEYED, PROBLEMS, Short
from samespace.api.responses.views import document_view
from samespace.api.schemas import documents as schemas
from samespace.core.batched import batched
from samespace.core.encodings import encoding_named
from samespace.core.errors import InvalidRequest, NotFound
from samespace.core.names import LONGEST
from samespace.core.types import Row, State
from samespace.store.records import Collection, Document
from samespace.store.records.rows import ItemRecord

router = APIRouter(
    prefix="/v1/collections/{collection}/documents",
    tags=["documents"],
    responses=PROBLEMS,
    dependencies=KEYED,
)

_MOST = 1000


@router.get("", response_model=schemas.DocumentPage)
def list_documents(
    collection: str,
    here: Reader,
    *,
    state: Short | None = None,
    external_prefix: Annotated[str | None, Query(max_length=2 * LONGEST)] = None,
    name: Annotated[str, Query(max_length=200)] = "",
    newest: bool = False,
    after: Short = "",
    limit: Annotated[int, Query(ge=1, le=_MOST)] = 100,
) -> Any:
    """Documents page by page: ordered by id, or the newest first, of these those whose name holds `name`."""
    found, wanted = here.collection(collection), None if state is None else _state(state)
    if newest or name:
        if external_prefix is not None:
            raise InvalidRequest("external_prefix goes with neither newest nor name")
        shown = here.services.records.documents.newest(
            found.id, state=wanted, name=name, before=_read_place(after), limit=limit + 1
        )
    else:
        shown = here.services.records.documents.page(
            found.id, state=wanted, external_prefix=external_prefix, after=after, limit=limit + 1
        )
    last = shown[limit - 1] if len(shown) > limit else None
    place = None if last is None else _place(last) if newest or name else last.id
    return {"documents": [document_view(doc) for doc in shown[:limit]], "next": place}


def _place(document: Document) -> str:
    """Where in the order of `newest` a document stands."""
    return f"{document.created_at!r}-{document.id}"


def _read_place(after: str) -> tuple[float, str] | None:
    if not after:
        return None
    moment, _, id = after.partition("-")
    try:
        return float(moment), id
    except ValueError:
        raise InvalidRequest(f"after is {after[:80]!r}, not the `next` of a page") from None


def _state(name: str) -> State:
    if name not in set(State):
        raise InvalidRequest(f"state {name[:80]!r} is not known; known are {', '.join(State)}")
    return State(name)


@router.post("/get", response_model=schemas.DocumentList)
def get_documents(collection: str, body: schemas.SomeIds, here: Reader) -> Any:
    """Documents by id, in the order asked for; those that are not there are left out."""
    found = here.services.records.documents.many(body.ids)
    id = here.collection(collection).id
    mine = (found[each] for each in dict.fromkeys(body.ids) if each in found)
    return {
        "documents": [
            document_view(doc)
            for doc in mine
            if doc.collection_id == id and doc.state is not State.DELETING
        ]
    }


@router.get("/{document}", response_model=schemas.DocumentView)
def get_document(collection: str, document: str, here: Reader) -> Any:
    """One document and how far it has got."""
    return document_view(find_document(collection, document, here))


@router.get("/{document}/items", response_model=schemas.ItemList)
def list_items(
    collection: str,
    document: str,
    here: Reader,
    *,
    texts: bool = False,
    start: Annotated[int, Query(ge=0)] = 0,
    near: Short | None = None,
    limit: Annotated[int | None, Query(ge=1, le=_MOST)] = None,
) -> Any:
    """The items of the version of a document that answers searches; with `texts` their passages and pages.

    With `limit` only so many from `start` on, or around the item `near`.
    """
    found = here.services.records.documents.items(find_document(collection, document, here))
    start = start if near is None else _start_near(near, found, limit or 0)
    shown = found[start:] if limit is None else found[start : start + limit]
    rows = _rows(collection, [item.key for item in shown], here) if texts else {}
    return {
        "items": [_item_view(item, rows.get(item.key)) for item in shown],
        "start": start,
        "total": len(found),
    }


def _start_near(key: str, items: Sequence[ItemRecord], limit: int) -> int:
    """Where to begin so that this item, if it is one of these, stands in the middle."""
    place = next((at for at, item in enumerate(items) if item.key == key), 0)
    return max(0, min(place - limit // 2, len(items) - limit))


def _rows(collection: str, keys: Sequence[str], here: Context) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for space in here.collection(collection).spaces:
        for some in batched([key for key in keys if key not in rows], _MOST):
            rows |= {
                row.item.key: row for row in here.services.index.get(space.index_name, some)[0]
            }
    return rows


def _item_view(item: ItemRecord, row: Row | None) -> schemas.ItemView:
    return schemas.ItemView(
        id=item.key,
        position=item.position,
        modality=str(item.modality),
        cut_in=item.cut_in,
        text=row.item.text or None if row else None,
        page=row.item.place.page if row else None,
    )


@router.delete("/{document}", status_code=202, response_model=schemas.Deleted)
def delete_document(collection: str, document: str, here: Writer) -> Any:
    """Delete a document; no search finds it from now on, the rest goes in the background."""
    found = here.collection(collection)
    deleted = _mark_deleted(found, [document], here)
    if not deleted:
        raise NotFound(f"there is no document {document[:80]!r} in collection {collection!r}")
    return {"deleted": deleted}


@router.post("/delete", status_code=202, response_model=schemas.Deleted)
def delete_documents(collection: str, body: schemas.Deletion, here: Writer) -> Any:
    """Delete documents by id, by external id, or all under a prefix but some (to follow a folder)."""
    found = here.collection(collection)
    ids = [*body.ids, *here.services.records.documents.named(found.id, body.external_ids)]
    if body.external_prefix is not None:
        kept = set(body.keep or ())
        under = _under(found, body.external_prefix, here)
        ids += [doc.id for doc in under if doc.external_id not in kept]
    return {"deleted": _mark_deleted(found, list(dict.fromkeys(ids)), here)}


@router.post("/retry", status_code=202, response_model=schemas.Retried)
def retry_documents(collection: str, body: schemas.Again, here: Writer) -> Any:
    """Let failed or cancelled documents wait for another turn; answers which of these did. They keep their job.

    With `encoding` texts are read again in that encoding, those too that are ready; the originals are kept.
    """
    found = here.collection(collection)
    encoding = encoding_named(body.encoding) if body.encoding is not None else None
    retried: list[str] = []
    for some in batched(body.ids, _MOST):
        retried += _again(found, some, encoding, here)
    here.notes.update(documents=len(retried))
    here.queue.ingest(len(retried))
    return {"retried": retried}


@router.post("/cancel", response_model=schemas.Cancelled)
def cancel_documents(collection: str, body: schemas.Ids, here: Writer) -> Any:
    """Call off documents that wait or are being worked on; answers which of these were.

    One that waits is cancelled at once, one that is being worked on after the items at hand. What an older
    version of a document had in the index stays.
    """
    found = here.collection(collection)
    cancelled: list[str] = []
    for some in batched(body.ids, _MOST):
        cancelled += here.services.records.claims.cancel(found.id, some)
    here.notes.update(documents=len(cancelled))
    return {"cancelled": cancelled}


def _again(
    collection: Collection, ids: Sequence[str], encoding: str | None, here: Context
) -> list[str]:
    if encoding is None:
        return here.services.records.claims.retry(collection.id, ids)
    return here.services.records.claims.reread(collection.id, ids, encoding, is_of_name)


def find_document(collection: str, id: str, here: Context) -> Document:
    """A document by the name of its collection and its id; NotFound."""
    return here.services.records.documents.get(here.collection(collection).id, id)


def _mark_deleted(collection: Collection, ids: list[str], here: Context) -> list[str]:
    deleted: list[str] = []
    for some in batched(ids, _MOST):
        deleted += here.services.records.documents.mark_deleted(collection.id, some)
    here.notes.update(documents=len(deleted))
    here.queue.delete(deleted)
    return deleted


def _under(collection: Collection, prefix: str, here: Context) -> Iterator[Document]:
    after = ""
    while page := here.services.records.documents.page(
        collection.id, external_prefix=prefix, after=after, limit=_MOST
    ):
        yield from page
        after = page[-1].id
