"""Index rows of an older release, written anew where they stand: nothing is encoded, nothing is read but the rows.

A filter asks for more than a release before wrote beside a row (`samespace.store.rows`). The columns are the same, so
the rows answer searches all the while; only filters have to wait.
"""

from collections.abc import Sequence
from dataclasses import replace

from samespace.core.progress import Progress, Report, unwatched
from samespace.core.types import Row
from samespace.store.index import Index
from samespace.store.records import Collection, Document, Records
from samespace.store.rows import ROWS_VERSION

_AT_ONCE = 1000


def renew_rows(
    collection: Collection, records: Records, index: Index, *, on_progress: Report = unwatched
) -> bool:
    """Write the rows of a collection that answer searches as this release does, and say so in the records.

    False if `on_progress` cut it short; then all of that index is done again, which does no harm. NotFound where the
    collection is deleted meanwhile.
    """
    behind = [one for one in collection.indexes if one.rows_version < ROWS_VERSION]
    done, total = 0, sum(index.count(one.index_name) for one in behind)
    for one in behind:
        for rows, vectors in index.scan(one.index_name, batch=_AT_ONCE):
            if not on_progress(Progress(done, max(total, done))):
                return False
            done += len(rows)
            docs = records.documents.many(_documents_of(rows))
            live = [place for place, row in enumerate(rows) if _is_live(row, docs)]
            if live:
                new = [_renewed(rows[place], docs) for place in live]
                index.upsert(one.index_name, new, vectors[live])
                _take_back(new, one.index_name, records, index)
        records.indexes.rows_renewed(one.id)
    return True


def _take_back(rows: Sequence[Row], name: str, records: Records, index: Index) -> None:
    """What was deleted or replaced just before it was written stays gone."""
    docs = records.documents.many(_documents_of(rows))
    gone = [row.item.key for row in rows if not _is_live(row, docs)]
    if gone:
        index.remove(name, gone)


def _documents_of(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(row.item.document_id for row in rows))


def _is_live(row: Row, docs: dict[str, Document]) -> bool:
    """Rows that are no version that answers are somebody else's business."""
    doc = docs.get(row.item.document_id)
    return doc is not None and doc.live_generation == row.generation


def _renewed(row: Row, docs: dict[str, Document]) -> Row:
    doc = docs[row.item.document_id]
    return replace(row, name=doc.name, added=doc.created_at)
