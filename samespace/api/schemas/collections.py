"""Collections and their spaces."""

from pydantic import ConfigDict

from samespace.api.schemas.base import Model


class NewCollection(Model):
    """A collection to be made; without a preset it gets the server's default."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "photos"}]})

    name: str
    preset: str | None = None


class SpaceView(Model):
    """A space of a collection or preset."""

    name: str
    dim: int
    modalities: list[str]
    fingerprint: str | None = None


class CollectionView(Model):
    """A collection, its documents by state, and its items (null while the index does not answer).

    `paused`: documents are accepted and wait until it is resumed.
    """

    name: str
    preset: str
    spaces: list[SpaceView]
    created_at: str
    paused: bool
    documents: dict[str, int]
    items: int | None


class Pausing(Model):
    """Whether the collection is paused now, and whether that was different before."""

    paused: bool
    changed: bool


class CollectionList(Model):
    """All collections, by name."""

    collections: list[CollectionView]
