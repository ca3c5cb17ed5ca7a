"""What the routes that read their bodies themselves tell OpenAPI, and what all routes have in common."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query
from fastapi.security import HTTPBearer
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from samespace.api.schemas import add, search
from samespace.api.schemas.base import Problem

_READ_BY_HAND: tuple[type[BaseModel], ...] = (
    add.NewDocuments,
    add.NewDocument,
    add.FilesForm,
    search.SearchBody,
    search.SearchForm,
    Problem,
)
_REF = "#/components/schemas/{model}"

TAGS = [
    {"name": "collections", "description": "Named sets of documents; the unit of search."},
    {"name": "documents", "description": "What is added: files, pictures, texts."},
    {"name": "search", "description": "Words and pictures to ranked items."},
    {"name": "classify", "description": "Labels nobody trained for."},
    {"name": "map", "description": "A collection as points by meaning."},
    {
        "name": "compare",
        "description": "Two models of a collection, before one takes the place of the other.",
    },
    {"name": "jobs", "description": "Work that was asked for, and how far it has got."},
    {"name": "models", "description": "What makes vectors: presets, and what was added."},
    {"name": "embeddings", "description": "Vectors, in OpenAI's shape."},
    {"name": "keys", "description": "Who may do what, and who did what."},
    {"name": "status", "description": "Health, readiness, figures."},
]

PROBLEMS: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "An error; `code` is stable.",
        "content": {"application/problem+json": {"schema": {"$ref": _REF.format(model="Problem")}}},
    }
}
Short = Annotated[str, Query(max_length=1000)]
KEYED = [Depends(HTTPBearer(auto_error=False, description="A key, where keys are configured."))]


def bodies(**models: type[BaseModel]) -> dict[str, Any]:
    """The request body of a route: `json` and `form` each name its model."""
    types = {"json": "application/json", "form": "multipart/form-data"}
    content = {
        types[kind]: {"schema": {"$ref": _REF.format(model=model.__name__)}}
        for kind, model in models.items()
    }
    return {"requestBody": {"required": True, "content": content}}


def install(app: FastAPI) -> None:
    """Add the models that FastAPI does not see to the description of the API."""
    make = app.openapi

    def openapi() -> dict[str, Any]:
        described = make()
        _, extra = models_json_schema(
            [(model, "validation") for model in _READ_BY_HAND], ref_template=_REF
        )
        known = described.setdefault("components", {}).setdefault("schemas", {})
        for name, schema in extra["$defs"].items():
            known.setdefault(name, schema)
        return described

    app.openapi = openapi  # type: ignore[method-assign]
