"""The wire format of requests and answers, strict: a field that is not known is an error."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Metadata = dict[str, Any]
Targets = list[str] | None
ExternalId = Annotated[str, Field(min_length=1, max_length=2000, pattern="^[^\\x00]*$")]
Name = Annotated[str, Field(max_length=1000, pattern="^[^\\x00]*$")]


class Model(BaseModel):
    """The base of all below."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Nothing(Model):
    """An empty answer."""


class ProblemPart(Model):
    """One of several things that failed."""

    name: str
    code: str
    detail: str


class Problem(Model):
    """An error, as RFC 9457 has it; `code` is stable."""

    type: Literal["about:blank"]
    title: str
    status: int
    detail: str
    code: str
    errors: list[ProblemPart] = []


# collections


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


# documents


class TextDocument(Model):
    """A text to be taken in; `metadata` is an object."""

    text: str
    name: Name | None = None
    external_id: ExternalId | None = None
    metadata: Any = None


class NewTexts(Model):
    """Texts to be taken in."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"documents": [{"text": "A red car in the rain.", "metadata": {"year": 1999}}]}
            ]
        }
    )

    documents: list[TextDocument] = Field(min_length=1)


class FileNote(Model):
    """What is said of one of the files of a form."""

    external_id: ExternalId | None = None
    metadata: Any = None
    name: Name | None = None


class FilesForm(BaseModel):
    """Files to be taken in; `documents` is a JSON list with a note for each file, in their order."""

    file: list[Annotated[str, Field(json_schema_extra={"format": "binary"})]]
    documents: str | None = Field(None, examples=['[{"external_id": "a.jpg"}]'])
    metadata: str | None = Field(
        None, description="A JSON object for all files.", examples=['{"album": "summer"}']
    )


class Accepted(Model):
    """A document that was accepted."""

    id: str
    name: str
    external_id: str | None
    state: str
    outcome: str
    warnings: list[str]


class ErrorView(Model):
    """Why a document was refused."""

    code: str
    detail: str


class Refused(Model):
    """A document that was not accepted."""

    name: str
    error: ErrorView


class UploadView(Model):
    """What an upload came to, document by document, in the order they were sent."""

    job_id: str
    documents: list[Accepted | Refused]


class DocumentView(Model):
    """A document and how far it has got."""

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
    """Some documents, ordered by id; `next` is the `after` of the following page."""

    documents: list[DocumentView]
    next: str | None


class ItemView(Model):
    """An item of a document; `cut_in` names the spaces that know only the beginning of its text."""

    id: str
    position: int
    modality: str
    cut_in: list[str]


class ItemList(Model):
    """The items of a document, by position."""

    items: list[ItemView]


class Deletion(Model):
    """Which documents to delete: these ids, these external ids, or all under a prefix but `keep`."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"external_prefix": "photos/", "keep": ["photos/a.jpg"]}]}
    )

    ids: list[str] = []
    external_ids: list[str] = []
    external_prefix: Annotated[str, Field(min_length=1)] | None = None
    keep: list[str] | None = None

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

    ids: list[str] = Field(min_length=1)


class Retried(Model):
    """The documents that wait again."""

    retried: list[str]


# search


class PartBody(Model):
    """One part of a query: a text, a picture (base64, or a file of the form by its index), or a stored item."""

    text: str | None = None
    image: str | None = Field(None, json_schema_extra={"format": "byte"})
    image_file: int | None = None
    item: str | None = None
    weight: float = 1.0

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [self.text, self.image, self.image_file, self.item]
        if sum(each is not None for each in given) != 1:
            raise ValueError("a part has exactly one of text, image, image_file and item")
        return self


class SearchBody(Model):
    """A query: weighted parts, a filter, wanted modalities. With a cursor all but `limit` is ignored."""

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

    query: str | None = None
    parts: list[PartBody] = []
    targets: Targets = None
    filter: Any = None
    limit: int = 10
    offset: int = 0
    cursor: str | None = None


class SearchForm(BaseModel):
    """A query with pictures as files; a part names one by its index, `{"image_file": 0}`."""

    request: str = Field(examples=['{"parts": [{"image_file": 0}]}'])
    image: list[Annotated[str, Field(json_schema_extra={"format": "binary"})]] = []


class SimilarBody(Model):
    """What is like a stored item; the item itself is left out."""

    item: str
    targets: Targets = None
    filter: Any = None
    limit: int = 10
    offset: int = 0


class HitDocument(Model):
    """The document of a hit."""

    id: str
    name: str
    external_id: str | None
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
    """A stretch of the ranking; `total` items can be paged through, `cursor` leads to the next stretch."""

    hits: list[HitView]
    total: int
    no_good_match: bool
    partial: list[GapView]
    warnings: list[str]
    cursor: str | None
    took_ms: TookView


# classify


class LabelBody(Model):
    """A label with prompts of its own."""

    name: str
    prompts: list[str] = []


class ClassifyBody(Model):
    """Labels, and one of: a text, a picture (base64), items, documents."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"labels": ["cat", "dog"], "text": "It purrs."}]}
    )

    labels: list[str | LabelBody]
    templates: list[str] | None = None
    threshold: float | None = None
    text: str | None = None
    image: str | None = Field(None, json_schema_extra={"format": "byte"})
    items: list[str] | None = None
    documents: list[str] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [self.text, self.image, self.items, self.documents]
        if sum(each is not None for each in given) != 1:
            raise ValueError("exactly one of text, image, items and documents is needed")
        return self


class Probability(Model):
    """How likely a label is."""

    label: str
    p: float


class ClassView(Model):
    """The label of one thing, null where none is likely enough; `item` or `input` says which it is."""

    input: str | None = None
    item: str | None = None
    label: str | None
    probabilities: list[Probability]


class Classes(Model):
    """One result for each thing."""

    results: list[ClassView]


class ClassifyJobBody(Model):
    """Labels for a whole collection; the `best` items of each are named."""

    labels: list[str | LabelBody]
    templates: list[str] | None = None
    threshold: float | None = None
    targets: Targets = None
    best: int = Field(5, ge=0, le=100)


class JobId(Model):
    """Work that was begun."""

    job_id: str


# jobs


class FailedDocument(Model):
    """A document that failed, and why."""

    id: str
    name: str
    reason: str | None


class JobView(Model):
    """A job and how far it has got; `documents` counts those of an ingest job by state."""

    id: str
    kind: str
    collection: str
    state: str
    documents: dict[str, int] | None
    done: int
    total: int
    items_done: int
    items_per_second: float | None
    seconds_left: float | None
    reason: str | None
    result: dict[str, Any] | None
    failed: list[FailedDocument]
    created_at: str
    finished_at: str | None


class JobList(Model):
    """The newest jobs first."""

    jobs: list[JobView]


# embeddings


class EmbeddingsBody(Model):
    """Texts, and as an extension pictures (base64), to vectors; `model` is a preset, a space or preset/space."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"input": ["a red car"]}]})

    model: str | None = None
    input: str | list[str] = []
    images: list[str] = []
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = None
    user: str | None = None


class EmbeddingView(Model):
    """One vector: numbers, or the base64 of little-endian float32."""

    object: Literal["embedding"]
    index: int
    embedding: list[float] | str


class Usage(Model):
    """Tokens that were read."""

    prompt_tokens: int
    total_tokens: int


class Embeddings(Model):
    """Vectors in OpenAI's shape: texts first, then pictures."""

    object: Literal["list"]
    data: list[EmbeddingView]
    model: str
    usage: Usage


class PresetView(Model):
    """A preset and its spaces."""

    name: str
    spaces: list[SpaceView]


class PresetList(Model):
    """The presets by name."""

    presets: list[PresetView]


# status


class WorkerView(Model):
    """A worker process as it last reported."""

    id: str
    host: str
    pid: int
    seen_at: str
    about: dict[str, Any]


class StatusView(Model):
    """The whole installation at a glance."""

    version: str
    queue: int | None
    documents: dict[str, int]
    workers: list[WorkerView]
    device: str | None
    precision: str | None
    checks: dict[str, str]


class Health(Model):
    """The process lives."""

    status: Literal["ok"]


class Readiness(Model):
    """Whether everything answers, and what does not."""

    status: Literal["ok", "unavailable"]
    checks: dict[str, str]
