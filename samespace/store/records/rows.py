"""What the records answer with: frozen rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from samespace.core.types import Modality, State
from samespace.store.rows import ROWS_VERSION


@dataclass(frozen=True, slots=True)
class SpaceRecord:
    """A space as a collection was embedded in it; a vector never moves without its fingerprint."""

    name: str
    fingerprint: str
    dim: int
    index_name: str
    modalities: tuple[Modality, ...]


@dataclass(frozen=True, slots=True)
class Collection:
    """A named set of documents with the spaces it is embedded in."""

    id: str
    name: str
    preset: str
    spaces: tuple[SpaceRecord, ...]
    state: State
    created_at: float
    paused: bool = False
    claimed_at: float | None = None
    rests: int = 0
    rest_until: float | None = None
    max_documents: int | None = None
    max_bytes: int | None = None
    held_documents: int = 0
    held_bytes: int = 0
    rows_version: int = ROWS_VERSION


@dataclass(frozen=True, slots=True)
class Document:
    """One thing a user added, and how far it has got."""

    id: str
    collection_id: str
    external_id: str | None
    name: str
    media_type: str
    size: int
    content_hash: str
    metadata: Mapping[str, Any]
    state: State
    reason: str | None
    warnings: tuple[str, ...]
    generation: int
    live_generation: int | None
    live_hash: str | None
    swept_generation: int
    has_leftovers: bool
    attempt: int
    owner: str | None
    lease_until: float | None
    job_id: str | None
    items_total: int | None
    items_done: int
    created_at: float
    submitted_at: float
    not_before: float | None
    started_at: float | None
    finished_at: float | None
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a document is, for those who watch many."""

    id: str
    name: str
    size: int
    job_id: str | None
    state: str
    reason: str | None
    warnings: list[str]
    items_done: int
    items_total: int | None
    finished_at: float | None


@dataclass(frozen=True, slots=True)
class LiveDocument:
    """What every search asks of a document: the generation that answers, how it is called, what it holds."""

    generation: int
    name: str
    external_id: str | None
    content_hash: str


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """An item as the records know it; `cut_in` names the spaces that know only the beginning of its text."""

    key: str
    position: int
    modality: Modality
    content_hash: str
    cut_in: list[str]


@dataclass(frozen=True, slots=True)
class LiveItem:
    """An item that answers searches, as the index has to hold it."""

    key: str
    document_id: str
    generation: int
    content_hash: str


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work: `ingest` of the documents that carry its id, or of a kind of `workers.kinds`.

    One without a collection is of all of them.
    """

    id: str
    collection_id: str | None
    kind: str
    state: State
    params: Mapping[str, Any]
    result: Mapping[str, Any] | None
    reason: str | None
    total: int
    done: int
    attempt: int
    owner: str | None
    lease_until: float | None
    created_at: float
    submitted_at: float
    finished_at: float | None
    stage: str | None = None
    checked_at: float | None = None


def document(row: Any) -> Document:
    """A row of the table as a Document."""
    shown = {name: value for name, value in row.items() if not name.startswith("folded_")}
    return Document(**{**shown, "state": State(row["state"]), "warnings": tuple(row["warnings"])})


def queued(now: float) -> dict[str, Any]:
    """The columns of a document that waits for its claim."""
    return {
        "state": State.QUEUED,
        "reason": None,
        "attempt": 0,
        "owner": None,
        "lease_until": None,
        "not_before": None,
        "items_total": None,
        "items_done": 0,
        "submitted_at": now,
        "started_at": None,
        "finished_at": None,
    }
