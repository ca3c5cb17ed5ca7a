"""Items by their keys: what a map shows of a point when one comes near."""

from collections.abc import Sequence
from dataclasses import dataclass

from samespace.core.types import Row
from samespace.store.index import Index
from samespace.store.records import Collection, LiveDocument, Records
from search.documents import is_live, live_documents


@dataclass(frozen=True, slots=True)
class FoundItem:
    """A row of the index and its document."""

    row: Row
    document: LiveDocument


def find_items(
    keys: Sequence[str], *, collection: Collection, records: Records, index: Index
) -> list[FoundItem]:
    """The items of these keys that answer searches, in the order of the keys, each once; Unavailable."""
    rows: dict[str, Row] = {}
    for space in collection.spaces:
        missing = [key for key in dict.fromkeys(keys) if key not in rows]
        if missing:
            rows |= {row.item.key: row for row in index.get(space.index_name, missing)[0]}
    live = live_documents(records, rows.values())
    found = [rows[key] for key in dict.fromkeys(keys) if key in rows and is_live(rows[key], live)]
    return [FoundItem(row, live[row.item.document_id]) for row in found]
