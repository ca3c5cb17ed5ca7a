"""The records: SQL tables of collections, documents, jobs, keys and workers; the truth about what was accepted."""

from samespace.store.records.engine import Records, open_records
from samespace.store.records.rows import (
    Collection,
    Document,
    Job,
    LiveDocument,
    LiveItem,
    SpaceRecord,
)

__all__ = [
    "Collection",
    "Document",
    "Job",
    "LiveDocument",
    "LiveItem",
    "Records",
    "SpaceRecord",
    "open_records",
]
