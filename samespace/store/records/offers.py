"""What is offered to the records, and what that comes to."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from samespace.store.metadata import MetadataMode
from samespace.store.records.rows import Document


class Outcome(StrEnum):
    """What accepting a document came to."""

    CREATED = "created"
    REPLACED = "replaced"
    UPDATED = "updated"
    RETRIED = "retried"
    UNCHANGED = "unchanged"
    KEPT_BOTH = "kept_both"


class SameName(StrEnum):
    """What a document without an external id does to an older one of its name, whose bytes are others."""

    REPLACE = "replace"
    KEEP_BOTH = "keep_both"


@dataclass(frozen=True, slots=True)
class Offer:
    """A document as it is offered: who it is, what it holds, and what `metadata` does to that of a known one, which
    then has at most `most_metadata` bytes. `on_same_name` is None where the name is nobody's word."""

    id: str
    collection_id: str
    external_id: str | None
    name: str
    media_type: str
    size: int
    content_hash: str
    metadata: Mapping[str, Any]
    warnings: tuple[str, ...]
    job_id: str
    encoding: str | None = None
    metadata_mode: MetadataMode = MetadataMode.MERGE
    most_metadata: int | None = None
    on_same_name: SameName | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """An offer that was taken: the document as it is now, what that came to, and the ids of the other documents of
    its name that answer searches or will, the newest first, where none of them has an external id."""

    document: Document
    outcome: Outcome
    same_name: tuple[str, ...] = ()
