"""What travels over HTTP, as it travels: the answers of the API are dictionaries of these shapes."""

from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict

Metadata = Mapping[str, Any]
Filter = Mapping[str, Any]
MetadataMode = Literal["merge", "replace"]
SameName = Literal["keep_both", "replace"]


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


class Part(TypedDict):
    """A part of a query: one of `text`, `image` (bytes of a picture) and `item`; a negative weight pushes away."""

    text: NotRequired[str]
    image: NotRequired[bytes]
    item: NotRequired[str]
    weight: NotRequired[float]


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


FINAL_STATES = frozenset({"ready", "failed", "cancelled"})
