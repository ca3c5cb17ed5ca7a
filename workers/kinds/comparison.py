"""What a comparison of two sets of indexes takes and comes to, as the API has it."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from samespace.core.wire import MOST_PARTS, Id, Model, Targets, Words

MOST_JUDGED = 10_000
MOST_SAMPLED = 1000
MOST_LOGGED = 200
MOST_RIGHT = 10_000
MOST_MOVED = 10


class AskedPart(Model):
    """A part of a query that can be asked again: words, an item of the collection, or a document, which stands for its
    first item."""

    text: Words | None = None
    item: Id | None = None
    document: Id | None = None
    weight: float = 1.0

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(each is not None for each in (self.text, self.item, self.document)) != 1:
            raise ValueError("a part has exactly one of text, item and document")
        return self


class JudgedQueryBody(Model):
    """A query, the ids of the documents that answer it rightly, and of those that are no answers to it."""

    parts: list[AskedPart] = Field(min_length=1, max_length=MOST_PARTS)
    targets: Targets = None
    right: Annotated[list[Id], Field(min_length=1, max_length=MOST_RIGHT)]


class CompareBody(Model):
    """What is asked of both: always the kept queries; judged ones, so many (`sample`) passages and pictures of the
    collection, and with `log` the newest queries of the query log, where the operator has it kept.

    `partial`: compare although the other index lacks many documents, which are left out then. `seed` draws the
    intervals.
    """

    judged: list[JudgedQueryBody] = Field(default=[], max_length=MOST_JUDGED)
    sample: int = Field(100, ge=0, le=MOST_SAMPLED)
    log: bool = True
    partial: bool = False
    seed: int = Field(0, ge=0, lt=2**32)


class Estimate(Model):
    """A mean and the bounds of its 95% interval."""

    value: float
    low: float
    high: float


class ComparedIndex(Model):
    """An index of a side: the model that made its vectors, how many it has, and what these take, as float32."""

    id: str
    name: str
    model: str
    fingerprint: str
    dim: int
    modalities: list[str]
    items: int
    bytes: int


class ComparedSide(Model):
    """A set of indexes and its costs: milliseconds of a question in words until its answer, of `timed` that a
    worker asked, and vectors a second by modality, of a trial on some of the collection's items."""

    name: str
    key: str
    role: str
    indexes: list[ComparedIndex]
    p50_ms: float | None
    p95_ms: float | None
    timed: int
    vectors_per_second: dict[str, float]


class Agreement(Model):
    """How alike the answers are to queries of a kind: the mean share of the first ten items that both have, and mean
    rank-biased overlap."""

    source: str
    queries: int
    overlap: Estimate
    rbo: Estimate


class ComparedMeasure(Model):
    """A measure's mean for each side, and by how much the other is better than the live one."""

    live: float
    other: float
    better_by: Estimate


class ComparedJudged(Model):
    """What judged queries say, those of a file or those marked by people; `judged_live` and `judged_other` are the
    shares of the first ten documents of each side that were marked at all (null for those of a file)."""

    source: str
    queries: int
    measures: dict[str, ComparedMeasure]
    judged_live: float | None
    judged_other: float | None
    verdict: str


class MovedQuery(Model):
    """A kept query whose answers changed much."""

    id: str
    words: str
    overlap: float
    rbo: float


class Comparison(Model):
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
