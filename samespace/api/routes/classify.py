"""Classification into labels nobody trained for: of one thing, of chosen items, of a whole collection."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from samespace.api.context import Context, Reader, Writer
from samespace.api.openapi import KEYED, PROBLEMS
from samespace.api.requests.bodies import decode_base64
from samespace.api.requests.queries import decode_query
from samespace.api.responses.streaming import answer_of
from samespace.api.routes.documents import find_document
from samespace.api.routes.jobs import begin_job
from samespace.api.schemas import classify as schemas
from samespace.api.schemas.jobs import JobId
from samespace.core.content import Content
from samespace.core.errors import InvalidRequest
from samespace.encoders.opening import described
from samespace.store.records import Collection
from search.labels import LabelSet, check_label_set, parse_label_set
from search.zeroshot import Classified, classify, classify_items
from workers.kinds.classify import ClassifyJobBody, classify_job

router = APIRouter(
    prefix="/v1/collections/{collection}/classify",
    tags=["classify"],
    responses=PROBLEMS,
    dependencies=KEYED,
)

_MOST_ITEMS = 1000


@router.post("", response_model=schemas.Classes)
def classify_things(collection: str, body: schemas.ClassifyBody, here: Reader) -> Response:
    """Sort a text, a picture, or stored items into labels."""
    found = here.collection(collection)
    label_set = _label_set(body, here)
    if body.items is None and body.documents is None:
        return answer_of("results", [_classify_input(body, label_set, found, here)])
    keys = body.items if body.items is not None else _items_of(body.documents or [], found, here)
    if len(keys) > _MOST_ITEMS:
        raise InvalidRequest(
            f"{len(keys)} items are to be classified, the limit is {_MOST_ITEMS}; start a job"
        )
    classified = classify_items(keys, label_set, found, here.searcher)
    return answer_of(
        "results", ({"item": key, **_view(classified[key])} for key in dict.fromkeys(keys))
    )


@router.post("/jobs", status_code=202, response_model=JobId)
def classify_collection(collection: str, body: ClassifyJobBody, here: Writer) -> Any:
    """Sort a whole collection into labels, in the background; the job's result has counts and best items."""
    return begin_job(classify_job, body, here.collection(collection), here)


def _label_set(body: schemas.ClassifyBody, here: Context) -> LabelSet:
    label_set = parse_label_set(body.model_dump())
    check_label_set(label_set, here.services.settings)
    return label_set


def _classify_input(
    body: schemas.ClassifyBody, label_set: LabelSet, collection: Collection, here: Context
) -> dict[str, Any]:
    spaces = [described(index.space) for index in collection.spaces]
    content = _input(body, here)
    [result] = classify([content], label_set, spaces, here.searcher)
    return {"input": content.modality, **_view(result)}


def _input(body: schemas.ClassifyBody, here: Context) -> Content:
    if body.text is not None:
        return Content.of_text(body.text)
    data = decode_base64(body.image or "", "the picture")
    return decode_query(
        data, "the picture", sandbox=here.services.sandbox, settings=here.services.settings
    )


def _items_of(ids: Sequence[str], collection: Collection, here: Context) -> list[str]:
    documents = [find_document(collection.name, id, here) for id in ids[: _MOST_ITEMS + 1]]
    return [item.key for doc in documents for item in here.services.records.documents.items(doc)]


def _view(classified: Classified) -> dict[str, Any]:
    best_first = sorted(classified.scores.items(), key=lambda pair: (-pair[1], pair[0]))
    return {
        "label": classified.label,
        "probabilities": [{"label": label, "p": p} for label, p in best_first],
        "warnings": list(classified.warnings),
    }
