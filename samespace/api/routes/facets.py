"""The metadata fields that a collection can be filtered by."""

from typing import Any

from fastapi import APIRouter

from samespace.api.context import Reader
from samespace.api.openapi import KEYED, PROBLEMS
from samespace.api.schemas import facets as schemas
from search.fields import Field

router = APIRouter(prefix="/v1", tags=["search"], responses=PROBLEMS, dependencies=KEYED)


@router.get("/collections/{collection}/facets", response_model=schemas.FieldList)
def list_facets(collection: str, here: Reader) -> Any:
    """The metadata fields of a collection with their most frequent values and how many documents have each."""
    found = here.fields.get(here.collection(collection), here.services.records)
    return {
        "fields": [_field_view(field) for field in found.fields],
        "documents": found.counted,
        "whole": found.whole,
    }


def _field_view(field: Field) -> Any:
    values = [{"value": value, "count": count} for value, count in field.values]
    return {"name": field.name, "values": values}
