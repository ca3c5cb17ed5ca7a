"""Work that goes on after its request."""

from typing import Any

from samespace.api.schemas.base import Model


class FailedDocument(Model):
    """A document that failed, and why."""

    id: str
    name: str
    reason: str | None


class JobView(Model):
    """A job and how far it has got; `documents` counts those of an ingest job by state.

    `paused`: it has documents left, and they wait because their collection is paused.
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
    result: dict[str, Any] | None
    failed: list[FailedDocument]
    created_at: str
    finished_at: str | None


class JobList(Model):
    """The newest jobs first."""

    jobs: list[JobView]
