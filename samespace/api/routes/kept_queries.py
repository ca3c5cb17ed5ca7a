"""Queries that are kept to compare indexes by, the documents marked as answers to them, and the query log."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path

from samespace.api.context import Admin, Context, Reader, Writer
from samespace.api.openapi import KEYED, PROBLEMS
from samespace.api.responses.views import moment
from samespace.api.routes.documents import find_document
from samespace.api.schemas import compare as schemas
from samespace.api.schemas.base import Nothing
from samespace.core.errors import InvalidRequest, NotFound
from samespace.store.records import Collection
from samespace.store.records.kept_queries import KeptQuery
from samespace.store.records.query_log import AskedQuery
from search.compare import parts_as_json, words_of_parts
from search.parts import ItemPart, Part, Query, TextPart, check_query, parse_modalities

router = APIRouter(
    prefix="/v1/collections/{collection}",
    tags=["compare"],
    responses=PROBLEMS,
    dependencies=KEYED,
)

_MOST_SHOWN = 1000
Id = Annotated[str, Path(min_length=1, max_length=64, pattern="^[^\\x00]*$")]


@router.get("/queries", response_model=schemas.KeptQueryList)
def list_kept_queries(collection: str, here: Reader) -> Any:
    """The queries that are kept for a collection, and the documents that were marked as good and bad answers."""
    found = here.collection(collection)
    kept = here.services.records.kept_queries
    marked = kept.judgements(found.id)
    return {"queries": [view_of(one, marked.get(one.id, {})) for one in kept.all(found.id)]}


@router.post("/queries", status_code=201, response_model=schemas.KeptQueryView)
def keep_query(collection: str, body: schemas.QueryBody, here: Writer) -> Any:
    """Keep a query; one that says the same is that one."""
    found = here.collection(collection)
    kept = keep(body, found, here)
    return view_of(kept, here.services.records.kept_queries.judgements(found.id).get(kept.id, {}))


@router.delete("/queries/{query}", response_model=Nothing)
def forget_query(collection: str, query: Id, here: Writer) -> Any:
    """Forget a kept query, and what was said of its answers."""
    here.services.records.kept_queries.remove(here.collection(collection).id, query)
    return {}


@router.put("/queries/{query}/documents/{document}", response_model=Nothing)
def mark_answer(
    collection: str, query: Id, document: str, body: schemas.MarkBody, here: Writer
) -> Any:
    """Mark a document as a good or a bad answer to a kept query, or as neither."""
    found = here.collection(collection)
    kept = here.services.records.kept_queries
    if query not in {one.id for one in kept.all(found.id)}:
        raise NotFound(f"there is no kept query {query!r} in this collection")
    kept.judge(query, {find_document(collection, document, here).id: body.good})
    return {}


@router.get("/query-log", response_model=schemas.QueryLogView)
def get_query_log(collection: str, here: Admin) -> Any:
    """What was asked of a collection lately, where the operator has that kept (SAMESPACE_QUERY_LOG)."""
    found = here.collection(collection)
    logged = here.services.records.query_log.newest(found.id, _MOST_SHOWN)
    return {
        "on": here.services.settings.query_log > 0,
        "queries": [_logged(one) for one in logged],
    }


@router.delete("/query-log", response_model=schemas.Forgotten)
def forget_query_log(collection: str, here: Admin) -> Any:
    """Forget what was asked of a collection."""
    here.asked.flush()
    found = here.collection(collection)
    return {"forgotten": here.services.records.query_log.forget(found.id)}


def keep(body: schemas.QueryBody, collection: Collection, here: Context) -> KeptQuery:
    """Keep the query of a body; InvalidRequest for one that makes no sense."""
    words = () if body.query is None else (TextPart(body.query),)
    parts: tuple[Part, ...] = (*words, *map(_part, body.parts))
    targets = None if body.targets is None else sorted(parse_modalities(body.targets))
    check_query(Query(parts), here.services.settings)
    return here.services.records.kept_queries.keep(collection.id, parts_as_json(parts), targets)


def view_of(kept: KeptQuery, marked: Mapping[str, bool]) -> dict[str, Any]:
    """A kept query with the documents that were marked."""
    return {
        "id": kept.id,
        "words": words_of_parts(kept.parts),
        "parts": list(kept.parts),
        "targets": None if kept.targets is None else list(kept.targets),
        "good": [id for id, good in marked.items() if good],
        "bad": [id for id, good in marked.items() if not good],
        "kept_at": moment(kept.kept_at),
    }


def _part(part: schemas.KeptPart) -> Part:
    if (part.text is None) == (part.item is None):
        raise InvalidRequest("a part of a kept query has exactly one of text and item")
    if part.text is not None:
        return TextPart(part.text, part.weight)
    return ItemPart(str(part.item), part.weight)


def _logged(one: AskedQuery) -> dict[str, Any]:
    return {
        "words": words_of_parts(one.parts),
        "parts": list(one.parts),
        "targets": None if one.targets is None else list(one.targets),
        "times": one.times,
        "asked_at": moment(one.asked_at),
    }
