"""The metadata fields that a collection can be filtered by."""

from typing import Any

from fastapi import APIRouter

from samespace.api.context import Reader
from samespace.api.openapi import KEYED, PROBLEMS
from samespace.api.schemas import facets as schemas
from search.fields import metadata_fields

router = APIRouter(prefix="/v1", tags=["search"], responses=PROBLEMS, dependencies=KEYED)


@router.get("/collections/{collection}/facets", response_model=schemas.FieldList)
def list_facets(collection: str, here: Reader) -> Any:
    """The metadata fields of a collection with their most frequent values and how many documents have each."""
    fields = metadata_fields(here.collection(collection), here.records)
    return {
        "fields": [
            {
                "name": field.name,
                "values": [{"value": value, "count": count} for value, count in field.values],
            }
            for field in fields
        ]
    }
