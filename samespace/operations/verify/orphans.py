"""Rows of the index that the records do not call live, and that nobody is about to make live or to remove."""

from collections.abc import Sequence

from samespace.core.types import Row, State
from samespace.operations.verify.place import Place
from samespace.operations.verify.report import Kind
from samespace.operations.verify.run import Run
from samespace.store.records import Document

_IN_FLIGHT = {State.QUEUED, State.PROCESSING, State.DELETING}


def check_orphans(rows: Sequence[Row], place: Place) -> None:
    """Note those of these rows, which were not expected, that nothing accounts for; with a repair remove them.

    Removing goes by key, and a key holds the generation: no row of a version that can still become live is hit.
    """
    if not rows:
        return
    index, name = place.run.services.index, place.space.index_name
    keys = [row.item.key for row in _unaccounted(rows, place.run)]
    # The documents' state was read after the rows: what was removed meanwhile is no orphan.
    present = [row.item for row in index.get(name, keys)[0]] if keys else []
    if place.run.repair and present:
        index.remove(name, [item.key for item in present])
    names = [f"{item.key} of document {item.document_id}" for item in present]
    place.note(Kind.ORPHAN, names, len(names) if place.run.repair else 0)


def _unaccounted(rows: Sequence[Row], run: Run) -> list[Row]:
    left = _not_in_flight(rows, run)
    ids = list({row.item.document_id for row in left})
    held = run.services.records.holdings.has_items(ids, [row.item.key for row in left])
    # What is deleted between these two looks is not held any more, and was not in flight before.
    return _not_in_flight([row for row in left if row.item.key not in held], run)


def _not_in_flight(rows: Sequence[Row], run: Run) -> list[Row]:
    known = run.services.records.documents.many(list({row.item.document_id for row in rows}))
    return [row for row in rows if not _in_flight(row, known.get(row.item.document_id))]


def _in_flight(row: Row, doc: Document | None) -> bool:
    """Whether somebody is about to make the row live, or to remove it: a worker, a deletion, a sweep."""
    if doc is None:
        return False
    live = doc.live_generation or 0
    is_to_be_swept = row.generation < live and doc.swept_generation < live
    is_to_be_taken_out = doc.has_leftovers and row.generation > live
    return doc.state in _IN_FLIGHT or is_to_be_swept or is_to_be_taken_out
