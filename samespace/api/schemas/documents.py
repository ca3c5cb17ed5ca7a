"""Documents as they are shown, deleted, tried again."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from samespace.core.wire import (
    LONGEST_PATH,
    Encoding,
    ExternalId,
    Id,
    ManyExternalIds,
    ManyIds,
    Metadata,
    Model,
)


class DocumentView(Model):
    """A document and how far it has got; `encoding` where somebody said which its text is in."""

    id: str
    name: str
    external_id: str | None
    media_type: str
    size: int
    content_hash: str
    metadata: Metadata
    state: str
    reason: str | None
    warnings: list[str]
    encoding: str | None
    version: int
    is_live: bool
    items_done: int
    items_total: int | None
    items_per_second: float | None
    seconds_left: float | None
    created_at: str
    started_at: str | None
    finished_at: str | None
    job_id: str | None
    attempt: int


class DocumentPage(Model):
    """Some documents; `next` is the `after` of the following page."""

    documents: list[DocumentView]
    next: str | None


class DocumentList(Model):
    """Documents."""

    documents: list[DocumentView]


class ItemView(Model):
    """An item of a document; `cut_in` names the spaces that know only the beginning of its text."""

    id: str
    position: int
    modality: str
    cut_in: list[str]
    text: str | None = None
    page: int | None = None


class ItemList(Model):
    """Items of a document, by position: those from the `start`-th on, of `total`."""

    items: list[ItemView]
    start: int
    total: int


class Deletion(Model):
    """Which documents to delete: these ids, these external ids, or all under a prefix but `keep`."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"external_prefix": "photos/", "keep": ["photos/a.jpg"]}]}
    )

    ids: ManyExternalIds = []
    external_ids: ManyExternalIds = []
    external_prefix: Annotated[ExternalId, Field(max_length=LONGEST_PATH)] | None = None
    keep: ManyExternalIds | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if (self.external_prefix is None) != (self.keep is None):
            raise ValueError("external_prefix and keep go together")
        if not (self.ids or self.external_ids or self.external_prefix):
            raise ValueError("ids, external_ids, or external_prefix with keep are needed")
        return self


class Deleted(Model):
    """The documents that are on their way out; no search finds them any more."""

    deleted: list[str]


class Ids(Model):
    """Documents by id."""

    ids: ManyIds = Field(min_length=1)


class Again(Ids):
    """Documents by id; `encoding` where their text is to be read as one that it was not read as."""

    encoding: Encoding | None = None


class SomeIds(Model):
    """Documents by id, not too many at once."""

    ids: list[Id] = Field(min_length=1, max_length=500)


class Retried(Model):
    """The documents (or the classification job) that wait again; others had not failed and were not cancelled."""

    retried: list[str]


class Cancelled(Model):
    """The documents (or the classification job) that were called off; others had come to their end already."""

    cancelled: list[str]
