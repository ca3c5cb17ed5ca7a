"""Which documents answer searches, by the records: a search never shows what they do not say is live."""

from collections.abc import Iterable, Mapping

from samespace.core.types import Row
from samespace.store.records import Records

# SQLite and PostgreSQL bound the number of parameters of a statement.
_MOST_PARAMETERS = 500


def live_generations(records: Records, rows: Iterable[Row]) -> dict[str, int]:
    """The live generation of the documents of these rows, by document id; those that are gone are left out."""
    ids = list({row.item.document_id: None for row in rows})
    found: dict[str, int] = {}
    for start in range(0, len(ids), _MOST_PARAMETERS):
        found |= records.documents.live(ids[start : start + _MOST_PARAMETERS])
    return found


def is_live(row: Row, live: Mapping[str, int]) -> bool:
    """Whether this row is of the version of its document that the records show."""
    return live.get(row.item.document_id) == row.generation
