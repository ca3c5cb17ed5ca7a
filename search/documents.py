"""Which documents answer searches, by the records: a search never shows what they do not say is live."""

from collections.abc import Iterable, Mapping, Sequence

from samespace.core.types import Row
from samespace.store.records import LiveDocument, Records

# SQLite and PostgreSQL bound the number of parameters of a statement.
_MOST_PARAMETERS = 500


def live_documents(records: Records, rows: Iterable[Row]) -> dict[str, LiveDocument]:
    """The documents of these rows, by id; those that are gone are left out."""
    return live_of(records, [row.item.document_id for row in rows])


def live_of(records: Records, ids: Sequence[str]) -> dict[str, LiveDocument]:
    """Those of these documents that answer searches, by id."""
    ids = list(dict.fromkeys(ids))
    found: dict[str, LiveDocument] = {}
    for start in range(0, len(ids), _MOST_PARAMETERS):
        found |= records.documents.live(ids[start : start + _MOST_PARAMETERS])
    return found


def is_live(row: Row, live: Mapping[str, LiveDocument]) -> bool:
    """Whether this row is of the version of its document that the records show."""
    return shows(live, row.item.document_id, row.generation)


def shows(live: Mapping[str, LiveDocument], document_id: str, generation: int) -> bool:
    """Whether this is the version of the document that the records show."""
    document = live.get(document_id)
    return document is not None and document.generation == generation
