"""Collections and their spaces."""

from pydantic import ConfigDict

from samespace.api.schemas.base import Model, Text


class NewCollection(Model):
    """A collection to be made; without a preset it gets the server's default."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "photos"}]})

    name: Text
    preset: Text | None = None


class SpaceView(Model):
    """A space of a collection or preset."""

    name: str
    dim: int
    modalities: list[str]
    fingerprint: str | None = None


class CollectionView(Model):
    """A collection, its documents by state, and its items (null while the index does not answer)."""

    name: str
    preset: str
    spaces: list[SpaceView]
    created_at: str
    documents: dict[str, int]
    items: int | None


class CollectionList(Model):
    """All collections, by name."""

    collections: list[CollectionView]
