"""Work that goes on after its request."""

from typing import Any

from samespace.core.wire import Model


class FailedDocument(Model):
    """A document that failed, and why."""

    id: str
    name: str
    reason: str | None


class WarnedDocument(Model):
    """A document that was read, and what was odd about it or was lost."""

    id: str
    name: str
    warnings: list[str]


class ClassedItem(Model):
    """An item of a class, and how likely that class is."""

    id: str
    document_id: str
    document_name: str
    content_hash: str
    media_type: str
    modality: str
    confidence: float
    text: str | None
    page: int | None


class ClassedLabel(Model):
    """A label, how many items it has, and those it is surest and least sure of."""

    name: str
    count: int
    best: list[ClassedItem]
    least_certain: list[ClassedItem]


class CollectionClasses(Model):
    """What classifying a collection came to; `none` items have none of the labels, `none_items` are the unsurest of
    them."""

    complete: bool
    total: int
    none: int
    none_items: list[ClassedItem]
    labels: list[ClassedLabel]


class MapMade(Model):
    """What making a map came to."""

    points: int


class JobView(Model):
    """A job and how far it has got; `documents` counts those of an ingest job by state, `result` is that of a job of
    kind `classify` or `map` (as it was then, where an older release made it).

    `paused`: it has documents left, and they wait because their collection is paused. `failed` and `warned` name the
    first 20; `warned_total` counts all that were read with warnings.
    """

    id: str
    kind: str
    collection: str
    paused: bool
    state: str
    documents: dict[str, int] | None
    done: int
    total: int
    items_done: int
    items_per_second: float | None
    seconds_left: float | None
    reason: str | None
    result: CollectionClasses | MapMade | dict[str, Any] | None
    failed: list[FailedDocument]
    warned: list[WarnedDocument]
    warned_total: int
    created_at: str
    finished_at: str | None


class JobList(Model):
    """The newest jobs first."""

    jobs: list[JobView]
