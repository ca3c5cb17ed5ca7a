"""Which documents answer searches, by the records: a search never shows what they do not say is live."""

from collections.abc import Iterable, Mapping, Sequence

from samespace.core.types import Row
from samespace.store.records import LiveDocument, Records

# SQLite and PostgreSQL bound the number of parameters of a statement.
_MOST_PARAMETERS = 500


def live_documents(records: Records, rows: Iterable[Row]) -> dict[str, LiveDocument]:
    """The documents of these rows, by id; those that are gone are left out."""
    return live_of(records, list({row.item.document_id: None for row in rows}))


def live_of(records: Records, ids: Sequence[str]) -> dict[str, LiveDocument]:
    """Those of these documents that answer searches, by id."""
    found: dict[str, LiveDocument] = {}
    for start in range(0, len(ids), _MOST_PARAMETERS):
        found |= records.documents.live(ids[start : start + _MOST_PARAMETERS])
    return found


def is_live(row: Row, live: Mapping[str, LiveDocument]) -> bool:
    """Whether this row is of the version of its document that the records show."""
    document = live.get(row.item.document_id)
    return document is not None and document.generation == row.generation
