"""Collections and their spaces."""

from pydantic import ConfigDict, Field

from samespace.core.wire import Model, Word


class NewCollection(Model):
    """A collection to be made; without a preset it gets the server's default."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "photos"}]})

    name: Word
    preset: Word | None = None


class CollectionChange(Model):
    """A quota: what is left out stays as it is, null is no limit."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"max_documents": 10000}]})

    max_documents: int | None = Field(default=None, ge=0, lt=2**63)
    max_bytes: int | None = Field(default=None, ge=0, lt=2**63)


class SpaceView(Model):
    """An embedding space: one encoder."""

    name: str
    dim: int
    modalities: list[str]


class CollectionSpace(SpaceView):
    """A space as a collection is embedded in it, by which weights."""

    fingerprint: str


class CollectionView(Model):
    """A collection, its documents by state, and its items (null while the index does not answer).

    `paused`: documents are accepted and wait until it is resumed. Its quota (null: none), and what counts against
    it: documents that are not being deleted, bytes of originals. `beside`: the role of indexes beside those that are
    searched, which can be compared with them (null: there are none).
    """

    name: str
    preset: str
    spaces: list[CollectionSpace]
    beside: str | None
    created_at: str
    paused: bool
    documents: dict[str, int]
    items: int | None
    max_documents: int | None
    max_bytes: int | None
    held_documents: int
    held_bytes: int


class Pausing(Model):
    """Whether the collection is paused now, and whether that was different before."""

    paused: bool
    changed: bool


class CollectionList(Model):
    """Collections, by name."""

    collections: list[CollectionView]
