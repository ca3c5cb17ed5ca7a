"""Queries and their answers."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from samespace.core.wire import (
    MOST_INPUTS,
    MOST_PARTS,
    Id,
    Metadata,
    Model,
    Targets,
    Text,
    Word,
    Words,
)


class PartBody(Model):
    """One part of a query: a text, a picture (base64, or a file of the form by its index), or a stored item."""

    text: Words | None = None
    image: Text | None = Field(None, json_schema_extra={"format": "byte"})
    image_file: int | None = None
    item: Id | None = None
    weight: float = 1.0

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [self.text, self.image, self.image_file, self.item]
        if sum(each is not None for each in given) != 1:
            raise ValueError("a part has exactly one of text, image, image_file and item")
        return self


class SearchBody(Model):
    """A query: weighted parts, a filter, wanted modalities. With a cursor all but `limit` and `indexes` is ignored.

    `indexes` asks those that are being built beside the live ones, or those that were live before, in their place: to
    compare them, with a key of scope write.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"query": "a red car"},
                {
                    "parts": [{"text": "red car", "weight": 2}, {"item": "0f5a", "weight": -1}],
                    "targets": ["image"],
                    "filter": {"year": {"gte": 1990}},
                    "limit": 5,
                },
            ]
        }
    )

    query: Words | None = None
    parts: list[PartBody] = Field(default=[], max_length=MOST_PARTS)
    targets: Targets = None
    filter: Any = None
    limit: int = 10
    offset: int = 0
    cursor: Word | None = None
    indexes: Literal["live", "building", "retired"] = "live"


class SearchForm(BaseModel):
    """A query with pictures as files; a part names one by its index, `{"image_file": 0}`."""

    request: Text = Field(examples=['{"parts": [{"image_file": 0}]}'])
    image: list[
        Annotated[
            str,
            Field(
                json_schema_extra={"format": "binary"},
                description="Bounded by SAMESPACE_MAX_FILE_BYTES.",
            ),
        ]
    ] = Field(default=[], max_length=MOST_INPUTS)


class SimilarBody(Model):
    """What is like a stored item; the item itself is left out."""

    item: Id
    targets: Targets = None
    filter: Any = None
    limit: int = 10
    offset: int = 0


class HitDocument(Model):
    """The document of a hit, with the SHA-256 of the bytes that were found."""

    id: str
    name: str
    external_id: str | None
    content_hash: str
    media_type: str


class ScoreView(Model):
    """What one space says of a hit."""

    space: str
    cosine: float
    calibrated: float
    rank: int


class HitView(Model):
    """An item that was found; `start` and `end` count characters of its page or document."""

    id: str
    document: HitDocument
    modality: str
    score: float
    parts: list[ScoreView]
    text: str | None
    page: int | None
    start: int | None
    end: int | None
    position: int
    metadata: Metadata
    thumbnail: str | None
    content: str


class GapView(Model):
    """A space that did not answer."""

    space: str
    reason: str


class TookView(Model):
    """Milliseconds."""

    encode: float
    index: float
    total: float


class AnswerView(Model):
    """A stretch of the ranking; `total` items can be paged through, `cursor` leads to the next stretch.

    `pending` documents of the collection are still coming in, so that they, or what is new in them, are not found yet.
    `truncated` is true where the ranking ends at the candidate depth, so that the collection may hold more that fits.
    `partial` is true where spaces of the collection took no part, which `missing` names. `unknown_fields` are the
    fields of a filter that let nothing through which no document has; a warning names the nearest there is.
    """

    hits: list[HitView]
    total: int
    truncated: bool
    no_good_match: bool
    pending: int
    partial: bool
    missing: list[GapView]
    warnings: list[str]
    unknown_fields: list[str]
    cursor: str | None
    took_ms: TookView
