"""Label sets kept under a name, for a collection."""

from typing import Annotated, Any

from fastapi import APIRouter, Path

from samespace.api.context import Reader, Writer
from samespace.api.openapi import KEYED, PROBLEMS
from samespace.api.schemas import label_sets as schemas
from samespace.api.schemas.base import Nothing
from search.labels import check_label_set, parse_label_set

router = APIRouter(
    prefix="/v1/collections/{collection}/labelsets",
    tags=["classify"],
    responses=PROBLEMS,
    dependencies=KEYED,
)

Name = Annotated[str, Path(min_length=1, max_length=100, pattern="^[^\\x00]*$")]


@router.get("", response_model=schemas.LabelSetList)
def list_label_sets(collection: str, here: Reader) -> Any:
    """The label sets that were kept for a collection, by name."""
    found = here.collection(collection)
    return {
        "labelsets": [
            {"name": saved.name, **saved.labels, "stale": saved.is_stale(found)}
            for saved in here.services.records.label_sets.all(found.id)
        ]
    }


@router.put("/{name}", response_model=Nothing)
def save_label_set(collection: str, name: Name, body: schemas.LabelSetBody, here: Writer) -> Any:
    """Keep a label set under a name; one of that name is replaced."""
    found = here.collection(collection)
    labels = body.model_dump(exclude_none=True)
    check_label_set(parse_label_set(labels), here.services.settings)
    here.services.records.label_sets.save(found, name, labels)
    return {}


@router.delete("/{name}", response_model=Nothing)
def delete_label_set(collection: str, name: Name, here: Writer) -> Any:
    """Forget a label set."""
    here.services.records.label_sets.remove(here.collection(collection).id, name)
    return {}
