"""Kept queries, what people say of their answers, and the comparison of two sets of indexes."""

from typing import Literal

from pydantic import Field

from samespace.core.wire import MOST_PARTS, Id, Model, Targets, Words
from workers.kinds.comparison import Comparison


class KeptPart(Model):
    """A part of a kept query: words, or an item of the collection, and its weight."""

    text: Words | None = None
    item: Id | None = None
    weight: float = 1.0


class QueryBody(Model):
    """A query to keep: words, or parts of words and stored items, and the wanted modalities."""

    query: Words | None = None
    parts: list[KeptPart] = Field(default=[], max_length=MOST_PARTS)
    targets: Targets = None


class KeptQueryView(Model):
    """A kept query; `words` is how a person would write it, `good` and `bad` are the documents marked as such."""

    id: str
    words: str
    parts: list[KeptPart]
    targets: list[str] | None
    good: list[str]
    bad: list[str]
    kept_at: str


class KeptQueryList(Model):
    """The kept queries of a collection, the oldest first."""

    queries: list[KeptQueryView]


class MarkBody(Model):
    """Whether a document is a good answer; null takes the mark away."""

    good: bool | None


class LoggedQuery(Model):
    """A query that was asked, how often, and when last."""

    words: str
    parts: list[KeptPart]
    targets: list[str] | None
    times: int
    asked_at: str


class QueryLogView(Model):
    """What was asked of a collection, the newest first; `on` says whether queries are kept at all."""

    on: bool
    queries: list[LoggedQuery]


class PreferenceBody(QueryBody):
    """Which of the two sides answers a query better; `blind`: marked without knowing which was which."""

    better: Literal["live", "other", "same"]
    blind: bool = False


class SideView(Model):
    """A set of indexes: what it is called, its role, and its models."""

    name: str
    role: str
    models: list[str]


class TallyView(Model):
    """How many marks say that a side, or neither, answers better, and how likely so uneven a split is by chance."""

    live: int
    other: int
    same: int
    blind: int
    chance: float
    verdict: str


class CompareView(Model):
    """The two sides of a collection, how many of its documents the other one holds, the last comparison of them
    (null: none was made) and the tally of what people marked."""

    live: SideView
    other: SideView
    documents: int
    held: int
    tally: TallyView
    job_id: str | None
    compared_at: str | None
    comparison: Comparison | None


class Forgotten(Model):
    """How many queries were forgotten."""

    forgotten: int
