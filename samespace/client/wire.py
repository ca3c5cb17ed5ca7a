"""What travels over HTTP, as it travels: the answers of the API are dictionaries of these shapes."""

from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict

Metadata = Mapping[str, Any]
Filter = Mapping[str, Any]
MetadataMode = Literal["merge", "replace"]
SameName = Literal["keep_both", "replace"]


class SpaceInfo(TypedDict):
    """A space as a collection is embedded in it."""

    name: str
    dim: int
    modalities: list[str]
    fingerprint: str


class Collection(TypedDict):
    """A collection; `documents` counts them by state and in `total`, `held_...` what counts against a quota."""

    name: str
    preset: str
    spaces: list[SpaceInfo]
    created_at: str
    paused: bool
    documents: dict[str, int]
    items: int | None
    max_documents: int | None
    max_bytes: int | None
    held_documents: int
    held_bytes: int


class Trouble(TypedDict):
    """Why one document was not taken."""

    code: str
    detail: str


class Accepted(TypedDict):
    """What became of one document that was sent: `error`, or an id and an outcome; `same_name` has the ids of others
    that are known by this name alone.

    One that is `unchanged` and not ready yet is still coming in, by the job of an earlier upload.
    """

    name: str
    id: NotRequired[str]
    job_id: NotRequired[str | None]
    external_id: NotRequired[str | None]
    state: NotRequired[str]
    outcome: NotRequired[
        Literal["created", "kept_both", "replaced", "updated", "retried", "unchanged"]
    ]
    same_name: NotRequired[list[str]]
    warnings: NotRequired[list[str]]
    error: NotRequired[Trouble]


class Upload(TypedDict):
    """The answer to one request that sent documents, in the order they were sent."""

    job_id: str | None
    documents: list[Accepted]


class Added(TypedDict):
    """What became of everything one call added, however many requests that took."""

    job_ids: list[str]
    documents: list[Accepted]


class Document(TypedDict):
    """A document and how far it has got."""

    id: str
    name: str
    external_id: str | None
    media_type: str
    size: int
    content_hash: str
    metadata: dict[str, Any]
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


class Documents(TypedDict):
    """A page of documents; `next` goes into `after` of the following one."""

    documents: list[Document]
    next: str | None


class ItemInfo(TypedDict):
    """An item of a document; `cut_in` names the spaces that know only the beginning of its text."""

    id: str
    position: int
    modality: str
    cut_in: list[str]


class LabelSet(TypedDict):
    """Labels (names, or objects with name and prompts) that were kept under a name."""

    name: str
    labels: list[str | dict[str, Any]]
    templates: list[str] | None
    threshold: float | None


class HitDocument(TypedDict):
    """The document of a hit, with the SHA-256 of the bytes that were found."""

    id: str
    name: str
    external_id: str | None
    content_hash: str
    media_type: str


class ScorePart(TypedDict):
    """What one space said about a hit."""

    space: str
    cosine: float
    calibrated: float
    rank: int


class Hit(TypedDict):
    """One ranked answer with its reasons; pages count from 1, `start` and `end` count characters."""

    id: str
    document: HitDocument
    modality: str
    score: float
    parts: list[ScorePart]
    text: str | None
    page: int | None
    start: int | None
    end: int | None
    position: int
    metadata: dict[str, Any]
    thumbnail: str | None
    content: str


class MissingSpace(TypedDict):
    """A space that could not answer, and why."""

    space: str
    reason: str


class Answer(TypedDict):
    """Hits, best first, of the `total` that can be paged through; `cursor` leads to those that follow.

    `truncated`: the server ranks no deeper, more may fit. `partial`: spaces of the collection took no part,
    `missing` names them. `unknown_fields`: those of a filter that let nothing through which no document has.
    `pending`: so many documents are still coming in and may not be found yet; older servers do not say.
    """

    hits: list[Hit]
    total: int
    truncated: bool
    no_good_match: bool
    pending: NotRequired[int]
    partial: bool
    missing: list[MissingSpace]
    warnings: list[str]
    unknown_fields: NotRequired[list[str]]
    cursor: str | None
    took_ms: dict[str, float]


class Part(TypedDict):
    """A part of a query: one of `text`, `image` (bytes of a picture) and `item`; a negative weight pushes away."""

    text: NotRequired[str]
    image: NotRequired[bytes]
    item: NotRequired[str]
    weight: NotRequired[float]


class Probability(TypedDict):
    """A label and how likely it is, 0 to 1."""

    label: str
    p: float


class Classified(TypedDict):
    """The class of one input or item; the label is None where none is likely enough, `warnings` name what was cut."""

    input: NotRequired[str | None]
    item: NotRequired[str | None]
    label: str | None
    probabilities: list[Probability]
    warnings: list[str]


class FailedDocument(TypedDict):
    """A document of a job that failed."""

    id: str
    name: str
    reason: str | None


class WarnedDocument(TypedDict):
    """A document of a job that was read, and what was odd about it or was lost."""

    id: str
    name: str
    warnings: list[str]


class Job(TypedDict):
    """A piece of work and how far it has got; `warned` names the first of `warned_total` documents.

    `collection` is None where it is of all of them, `stage` what it is doing now, where it says so.
    """

    id: str
    kind: str
    collection: str | None
    paused: bool
    state: str
    documents: dict[str, int] | None
    done: int
    total: int
    items_done: int
    items_per_second: float | None
    seconds_left: float | None
    reason: str | None
    stage: str | None
    result: dict[str, Any] | None
    failed: list[FailedDocument]
    warned: list[WarnedDocument]
    warned_total: int
    created_at: str
    finished_at: str | None


class Point(TypedDict):
    """An item on a map, and where it stands: 0 to 1 on each side."""

    x: float
    y: float
    item: str
    document: str
    modality: str


class Map(TypedDict):
    """A collection as points by meaning; `total` counts its items, `fresh` says whether it is as it was then."""

    count: int
    total: int
    made_at: str
    fresh: bool
    points: list[Point]


class MapItem(TypedDict):
    """What stands behind a point."""

    id: str
    document_id: str
    document_name: str
    modality: str
    media_type: str
    content_hash: str
    text: str | None
    page: int | None


class Key(TypedDict):
    """A key as it can be shown; `collections` None means all, `rate` counts requests a minute."""

    id: str
    name: str
    scopes: list[str]
    collections: list[str] | None
    rate: int | None
    created_at: str
    expires_at: str | None
    previous_until: str | None


class ShownKey(Key):
    """A key with its full text."""

    key: str


class AuditLine(TypedDict):
    """One change; the actor is the id of a key, "setting", "nobody", "command line" or "worker"."""

    id: int
    at: str
    actor: str
    action: str
    collection: str | None
    subject: str | None
    detail: dict[str, Any]


class AuditPage(TypedDict):
    """Audit lines; `next` goes into `after` of the following page."""

    lines: list[AuditLine]
    next: int | None


class WorkerInfo(TypedDict):
    """A worker process as it last reported."""

    id: str
    host: str
    pid: int
    seen_at: str
    about: dict[str, Any]


class Status(TypedDict):
    """How the server is; `checks` says "ok" or what is wrong, for each part."""

    version: str
    queue: int | None
    documents: dict[str, int]
    paused: list[str]
    workers: list[WorkerInfo]
    device: str | None
    precision: str | None
    checks: dict[str, str]


FINAL_STATES = frozenset({"ready", "failed", "cancelled"})
