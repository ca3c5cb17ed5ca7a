"""Search: a query in, ranked items out. Answers are built by hand: validating them would cost more than making them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from samespace.api.auth.grants import check_scope
from samespace.api.context import Context, Reader
from samespace.api.openapi import KEYED, PROBLEMS, bodies
from samespace.api.requests.bodies import check, decode_base64, is_form, parse_json
from samespace.api.requests.multipart import Form, read_form
from samespace.api.requests.queries import decode_query
from samespace.api.responses.views import content_url, thumbnail_url
from samespace.api.schemas import search as schemas
from samespace.core.errors import InvalidRequest
from samespace.core.types import Modality
from samespace.store.filters import Filter, parse_filter
from samespace.store.records import Collection, Role
from samespace.store.records.keys import Scope
from search.answer import Answer, Hit
from search.filtering import with_unknown_fields
from search.paging import continue_search
from search.parts import (
    ContentPart,
    ItemPart,
    Part,
    Query,
    TextPart,
    parse_modalities,
)
from search.query import search, similar
from search.searcher import Searcher
from search.sides import side_of

router = APIRouter(
    prefix="/v1/collections/{collection}",
    tags=["search"],
    responses=PROBLEMS,
    dependencies=KEYED,
)


@router.post(
    "/search",
    response_model=schemas.AnswerView,
    openapi_extra=bodies(json=schemas.SearchBody, form=schemas.SearchForm),
)
async def search_collection(collection: str, request: Request, here: Reader) -> Response:
    """Search by words, pictures and stored items, weighted and combined."""
    if not is_form(request):
        source = await request.body()
        # One thread does all of it: to hand a question on costs as much as to look a collection up.
        return await run_in_threadpool(
            lambda: _search(collection, _body(source, "the body"), None, here)
        )
    async with read_form(request, here.services.settings) as form:
        return await run_in_threadpool(
            lambda: _search(collection, _body(_request_of(form), "the field request"), form, here)
        )


@router.post("/similar", response_model=schemas.AnswerView)
def search_similar(collection: str, body: schemas.SimilarBody, here: Reader) -> Response:
    """What is like a stored item, itself left out."""
    found, where = here.collection(collection), _filter(body.filter)
    answer = similar(
        body.item,
        found,
        here.searcher,
        where=where,
        modalities=_modalities(body.targets),
        limit=body.limit,
        offset=body.offset,
    )
    return _answer(_told(answer, where, found, here), found, here)


def _body(source: str | bytes, what: str) -> schemas.SearchBody:
    return check(schemas.SearchBody, parse_json(source, what))


def _request_of(form: Form) -> str:
    unknown = form.fields.keys() - {"request"} | {f.key for f in form.files if f.key != "image"}
    if unknown or "request" not in form.fields:
        raise InvalidRequest("the form needs a field request (JSON), and takes image files")
    return form.fields["request"]


def _search(name: str, body: schemas.SearchBody, form: Form | None, here: Context) -> Response:
    collection, searcher = _asked(here.collection(name), Role(body.indexes), here)
    if body.cursor is not None:
        answer = continue_search(body.cursor, collection, searcher, limit=body.limit)
        return _answer(answer, collection, here)
    query = Query(
        _parts(body, form, here),
        _filter(body.filter),
        _modalities(body.targets),
        body.limit,
        body.offset,
    )
    answer = search(query, collection, searcher)
    if body.indexes == "live":
        here.asked.note(query, collection)
    return _answer(_told(answer, query.where, collection, here), collection, here)


def _asked(collection: Collection, role: Role, here: Context) -> tuple[Collection, Searcher]:
    """What is asked: the collection as it is, or as it were if indexes of another role answered, whose cursors are
    none of the live ones; Forbidden for readers, Conflict where there are no such indexes."""
    if role is Role.LIVE:
        return collection, here.searcher
    check_scope(here.grant, Scope.WRITE, everywhere=False)
    side = side_of(collection, role, here.services.records.model_changes.find(collection.id))
    cursors = here.searcher.cursors.of(f"{here.grant.actor} {side.key}")
    return side.asked, replace(here.searcher, cursors=cursors)


def _told(answer: Answer, where: Filter | None, collection: Collection, here: Context) -> Answer:
    """The answer, with what was wrong about a filter that let nothing through."""
    return with_unknown_fields(
        answer,
        where,
        collection=collection,
        fields=lambda: here.fields.get(collection, here.services.records),
    )


def _filter(source: object) -> Filter | None:
    return None if source is None else parse_filter(source)


def _modalities(targets: Sequence[str] | None) -> frozenset[Modality] | None:
    return None if targets is None else parse_modalities(targets)


def _parts(body: schemas.SearchBody, form: Form | None, here: Context) -> tuple[Part, ...]:
    if len(body.parts) > here.services.settings.max_query_parts:  # before any picture is decoded
        raise InvalidRequest(
            f"the query has {len(body.parts)} parts, the limit is {here.services.settings.max_query_parts}"
        )
    short = () if body.query is None else (TextPart(body.query),)
    return (*short, *(_part(part, form, here) for part in body.parts))


def _part(part: schemas.PartBody, form: Form | None, here: Context) -> Part:
    if part.text is not None:
        return TextPart(part.text, part.weight)
    if part.item is not None:
        return ItemPart(part.item, part.weight)
    data = _picture_bytes(part, form)
    content = decode_query(
        data,
        "the picture of the query",
        sandbox=here.services.sandbox,
        settings=here.services.settings,
    )
    return ContentPart(content, part.weight)


def _picture_bytes(part: schemas.PartBody, form: Form | None) -> bytes:
    if part.image is not None:
        return decode_base64(part.image, "the picture of the query")
    files = form.files if form else []
    number = part.image_file or 0
    if not 0 <= number < len(files):
        raise InvalidRequest(f"image_file is {number}, but {len(files)} image files were sent")
    return files[number].stream.read()


def _answer(answer: Answer, collection: Collection, here: Context) -> Response:
    here.metrics.searched(answer.took)
    return _json(
        {
            "hits": [_hit(hit, collection.name) for hit in answer.hits],
            "total": answer.total,
            "truncated": answer.truncated,
            "no_good_match": answer.no_good_match,
            "pending": here.pending.count(collection),
            "partial": answer.partial,
            "missing": [{"space": gap.space, "reason": gap.reason} for gap in answer.missing],
            "warnings": list(answer.warnings),
            "unknown_fields": list(answer.unknown_fields),
            "cursor": answer.cursor,
            "took_ms": {
                "encode": answer.took.encode_ms,
                "index": answer.took.index_ms,
                "total": answer.took.total_ms,
            },
        }
    )


def _json(content: dict[str, Any]) -> Response:
    try:
        return Response(orjson.dumps(content), media_type=JSONResponse.media_type)
    except TypeError:  # metadata may hold whole numbers past 64 bits
        return JSONResponse(content)


def _hit(hit: Hit, collection: str) -> dict[str, Any]:
    return {
        "id": hit.id,
        "document": {
            "id": hit.document_id,
            "name": hit.document_name,
            "external_id": hit.external_id,
            "content_hash": hit.content_hash,
            "media_type": hit.media_type,
        },
        "modality": str(hit.modality),
        "score": hit.score,
        "parts": [
            {
                "space": part.space,
                "cosine": part.cosine,
                "calibrated": part.calibrated,
                "rank": part.rank,
            }
            for part in hit.parts
        ],
        "text": hit.text or None,
        "page": hit.place.page,
        "start": hit.place.start,
        "end": hit.place.end,
        "position": hit.position,
        "metadata": dict(hit.metadata),
        "thumbnail": thumbnail_url(collection, hit.document_id, hit.modality, hit.media_type),
        "content": content_url(collection, hit.document_id),
    }
