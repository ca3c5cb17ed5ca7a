"""The records: SQL tables of collections, documents, jobs, keys and workers; the truth about what was accepted."""

from samespace.store.records.engine import Records, open_records
from samespace.store.records.rows import (
    Collection,
    Document,
    IndexRecord,
    Job,
    LiveDocument,
    LiveItem,
    ModelRecord,
    Origin,
    RegisteredModel,
    Role,
)

__all__ = [
    "Collection",
    "Document",
    "IndexRecord",
    "Job",
    "LiveDocument",
    "LiveItem",
    "ModelRecord",
    "Origin",
    "Records",
    "RegisteredModel",
    "Role",
    "open_records",
]
