"""What the records answer with: frozen rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from samespace.core.types import Modality, Space, State
from samespace.store.rows import ROWS_VERSION


class Role(StrEnum):
    """What an index is for: searches ask the `live` ones; one is `building` beside them, one that was is `retired`.

    One that is `given_up` belongs to nobody any more and is about to be removed; collections do not show it.
    """

    LIVE = "live"
    BUILDING = "building"
    RETIRED = "retired"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """A model as a collection was embedded by it; a vector never moves without its fingerprint.

    `space.max_tokens` is 0 where an older release did not write it down: the model says it when it is opened.
    """

    id: str
    space: Space
    fingerprint: str


class Origin(StrEnum):
    """Where a model that was added came from; one that is `kept` is the starter of a release that collections use."""

    PRESET = "preset"
    HUB = "hub"
    FOLDER = "folder"
    TRAINED = "trained"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class RegisteredModel:
    """A model under a name: `source` as it was named by who added it; `files` by path with their SHA-256, and the
    blob that lists them, `manifest`, where it is packed; `card`: where it came from."""

    name: str
    model: ModelRecord
    origin: Origin
    source: str
    manifest: str | None
    files: Mapping[str, str]
    bytes: int
    licence: str | None
    card: Mapping[str, Any]
    created_at: float


@dataclass(frozen=True, slots=True)
class IndexRecord:
    """An index of a collection: its kind, what makes its vectors, what it is for, its name in the store of its kind.

    `model` is None for a kind that has none.
    """

    id: str
    collection_id: str
    kind: str
    model: ModelRecord | None
    role: Role
    index_name: str
    position: int
    rows_version: int
    created_at: float
    changed_at: float

    @property
    def name(self) -> str:
        """What people call it: the name of its space, or its kind."""
        return self.model.space.name if self.model else self.kind

    @property
    def space(self) -> Space:
        """The space of its vectors; only a dense one has it."""
        return self._model.space

    @property
    def fingerprint(self) -> str:
        """What its vectors may be compared with; only a dense one has it."""
        return self._model.fingerprint

    @property
    def dim(self) -> int:
        """The dimension of its vectors; only a dense one has it."""
        return self._model.space.dim

    @property
    def modalities(self) -> tuple[Modality, ...]:
        """What its model takes; only a dense one has it."""
        return tuple(sorted(self._model.space.modalities))

    @property
    def _model(self) -> ModelRecord:
        if self.model is None:
            raise ValueError(f"index {self.index_name!r} of kind {self.kind!r} has no model")
        return self.model


@dataclass(frozen=True, slots=True)
class Collection:
    """A named set of documents with all its indexes, in their order."""

    id: str
    name: str
    preset: str
    indexes: tuple[IndexRecord, ...]
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

    @property
    def live(self) -> tuple[IndexRecord, ...]:
        """The indexes that searches ask."""
        return tuple(one for one in self.indexes if one.role is Role.LIVE)

    @property
    def spaces(self) -> tuple[IndexRecord, ...]:
        """Those of them that hold vectors: the spaces it is embedded in."""
        return tuple(one for one in self.live if one.model is not None)

    @property
    def rows_version(self) -> int:
        """The least that the rows of its spaces have beside their columns: see `samespace.store.rows`."""
        return min((one.rows_version for one in self.spaces), default=ROWS_VERSION)


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
    started_at: float | None = None


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
