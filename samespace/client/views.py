"""What the API answers, as it travels: dictionaries of these shapes.

Made by `python -m recipes.client` from the models of the API; not written by hand.
"""

from typing import Any, NotRequired, TypedDict


class SpaceInfo(TypedDict):
    """An embedding space: one encoder."""

    name: str
    dim: int
    modalities: list[str]


class CollectionSpace(SpaceInfo):
    """A space as a collection is embedded in it, by which weights."""

    fingerprint: str


class Collection(TypedDict):
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


class Document(TypedDict):
    """A document and how far it has got; `encoding` where somebody said which its text is in."""

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
    """Some documents; `next` is the `after` of the following page."""

    documents: list[Document]
    next: str | None


class ItemInfo(TypedDict):
    """An item of a document; `cut_in` names the spaces that know only the beginning of its text."""

    id: str
    position: int
    modality: str
    cut_in: list[str]
    text: NotRequired[str | None]
    page: NotRequired[int | None]


class LabelBody(TypedDict):
    """A label with prompts of its own."""

    name: str
    prompts: NotRequired[list[str]]


class LabelSetBody(TypedDict):
    """Labels with templates and threshold, as classification takes them."""

    labels: list[str | LabelBody]
    templates: NotRequired[list[str] | None]
    threshold: NotRequired[float | None]


class LabelSet(LabelSetBody):
    """A label set and its name."""

    name: str


class KeptPart(TypedDict):
    """A part of a kept query: words, or an item of the collection, and its weight."""

    text: NotRequired[str | None]
    item: NotRequired[str | None]
    weight: NotRequired[float]


class KeptQuery(TypedDict):
    """A kept query; `words` is how a person would write it, `good` and `bad` are the documents marked as such."""

    id: str
    words: str
    parts: list[KeptPart]
    targets: list[str] | None
    good: list[str]
    bad: list[str]
    kept_at: str


class LoggedQuery(TypedDict):
    """A query that was asked, how often, and when last."""

    words: str
    parts: list[KeptPart]
    targets: list[str] | None
    times: int
    asked_at: str


class QueryLog(TypedDict):
    """What was asked of a collection, the newest first; `on` says whether queries are kept at all."""

    on: bool
    queries: list[LoggedQuery]


class Side(TypedDict):
    """A set of indexes: what it is called, its role, and its models."""

    name: str
    role: str
    models: list[str]


class Tally(TypedDict):
    """How many marks say that a side, or neither, answers better, and how likely so uneven a split is by chance."""

    live: int
    other: int
    same: int
    blind: int
    chance: float
    verdict: str


class ComparedIndex(TypedDict):
    """An index of a side: the model that made its vectors, how many it has, and what these take, as float32."""

    id: str
    name: str
    model: str
    fingerprint: str
    dim: int
    modalities: list[str]
    items: int
    bytes: int


class ComparedSide(TypedDict):
    """A set of indexes and what it costs: milliseconds of a question in words until its answer, of `timed` that a
    worker asked, and vectors a second by modality, of a trial on some of the collection's items."""

    name: str
    key: str
    role: str
    indexes: list[ComparedIndex]
    p50_ms: float | None
    p95_ms: float | None
    timed: int
    vectors_per_second: dict[str, float]


class Estimate(TypedDict):
    """A mean and the bounds of its 95% interval."""

    value: float
    low: float
    high: float


class Agreement(TypedDict):
    """How alike the answers are to queries of a kind: the mean share of the first ten items that both have, and mean
    rank-biased overlap."""

    source: str
    queries: int
    overlap: Estimate
    rbo: Estimate


class ComparedMeasure(TypedDict):
    """A measure's mean for each side, and by how much the other is better than the live one."""

    live: float
    other: float
    better_by: Estimate


class ComparedJudged(TypedDict):
    """What judged queries say, those of a file or those marked by people; `judged_live` and `judged_other` are the
    shares of the first ten documents of each side that were marked at all (null for those of a file)."""

    source: str
    queries: int
    measures: dict[str, ComparedMeasure]
    judged_live: float | None
    judged_other: float | None
    verdict: str


class MovedQuery(TypedDict):
    """A kept query whose answers changed much."""

    id: str
    words: str
    overlap: float
    rbo: float


class Comparison(TypedDict):
    """What two sets of indexes answer to the same questions.

    `pair` is known by both, whichever is live; `left_out` documents are held by the live one alone; `skipped` queries
    name items that are gone; `moved` are the kept queries whose answers changed most. `verdicts` and `warnings` are
    sentences for people.
    """

    live: ComparedSide
    other: ComparedSide
    pair: str
    documents: int
    left_out: int
    queries: int
    skipped: int
    depth: int
    p: float
    seed: int
    agreement: list[Agreement]
    judged: list[ComparedJudged]
    moved: list[MovedQuery]
    verdicts: list[str]
    warnings: list[str]


class Compare(TypedDict):
    """The two sides of a collection, how many of its documents the other one holds, the last comparison of them
    (null: none was made) and the tally of what people marked."""

    live: Side
    other: Side
    documents: int
    held: int
    tally: Tally
    job_id: str | None
    compared_at: str | None
    comparison: Comparison | None


class HitDocument(TypedDict):
    """The document of a hit, with the SHA-256 of the bytes that were found."""

    id: str
    name: str
    external_id: str | None
    content_hash: str
    media_type: str


class ScorePart(TypedDict):
    """What one space says of a hit."""

    space: str
    cosine: float
    calibrated: float
    rank: int


class Hit(TypedDict):
    """An item that was found; `start` and `end` count characters of its page or document."""

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
    """A space that did not answer."""

    space: str
    reason: str


class Took(TypedDict):
    """Milliseconds."""

    encode: float
    index: float
    total: float


class Answer(TypedDict):
    """A stretch of the ranking; `total` items can be paged through, `cursor` leads to the next stretch.

    `pending` documents of the collection are still coming in, so that they, or what is new in them, are not found yet.
    `truncated` is true where the ranking ends at the candidate depth, so that the collection may hold more that fits.
    `partial` is true where spaces of the collection took no part, which `missing` names. `unknown_fields` are the
    fields of a filter that let nothing through which no document has; a warning names the nearest there is.
    """

    hits: list[Hit]
    total: int
    truncated: bool
    no_good_match: bool
    pending: int
    partial: bool
    missing: list[MissingSpace]
    warnings: list[str]
    unknown_fields: list[str]
    cursor: str | None
    took_ms: Took


class Probability(TypedDict):
    """How likely a label is."""

    label: str
    p: float


class Classified(TypedDict):
    """The label of one thing, null where none is likely enough; `item` or `input` says which it is.

    `warnings` name texts and prompts that are longer than the space reads.
    """

    input: NotRequired[str | None]
    item: NotRequired[str | None]
    label: str | None
    probabilities: list[Probability]
    warnings: list[str]


class FailedDocument(TypedDict):
    """A document that failed, and why."""

    id: str
    name: str
    reason: str | None


class WarnedDocument(TypedDict):
    """A document that was read, and what was odd about it or was lost."""

    id: str
    name: str
    warnings: list[str]


class Job(TypedDict):
    """A job and how far it has got; `documents` counts those of an ingest job by state, `result` is what a job of
    another kind came to (as it was then, where an older release made it). `collection` is null where it is of all,
    `stage` what it is doing now, where it says so.

    `paused`: it has documents left, or waits, because its collection is paused. `failed` and `warned` name the first
    20; `warned_total` counts all that were read with warnings.
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


class MapItem(TypedDict):
    """An item with what is shown of its document; the content hash is that of the document's original."""

    id: str
    document_id: str
    document_name: str
    modality: str
    media_type: str
    content_hash: str
    text: str | None
    page: int | None


class Key(TypedDict):
    """A key without its secret; `collections` are those it is limited to that still exist (null: all)."""

    id: str
    name: str
    scopes: list[str]
    collections: list[str] | None
    rate: int | None
    created_at: str
    expires_at: str | None
    previous_until: str | None


class ShownKey(Key):
    """A key with its full text, shown this once."""

    key: str


class AuditLine(TypedDict):
    """One change: the actor is the id of a key, "setting", "nobody", "command line" or "worker"."""

    id: int
    at: str
    actor: str
    action: str
    collection: str | None
    subject: str | None
    detail: dict[str, Any]


class AuditPage(TypedDict):
    """Lines, oldest first; `next` goes into `after` of the following page."""

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
    """The whole installation at a glance; `paused` names the collections whose documents wait."""

    version: str
    queue: int | None
    documents: dict[str, int]
    paused: list[str]
    workers: list[WorkerInfo]
    device: str | None
    precision: str | None
    checks: dict[str, str]
