"""Taking back what was written for versions of documents that will never answer searches."""

from collections.abc import Sequence
from contextlib import suppress

from ingest.tools import Tools
from ingest.turn import Turn
from samespace.core.errors import NotFound
from samespace.core.types import State
from samespace.store.records import Document


def withdraw(lost: Sequence[Turn], tools: Tools) -> None:
    """Take back what these turns wrote, whose documents were cancelled, deleted or replaced meanwhile.

    What another worker goes on with, in the same generation, stays.
    """
    ids = [turn.document.id for turn in lost if turn.has_written]
    known = tools.records.documents.many(ids) if ids else {}
    for turn in lost:
        if turn.has_written:
            _withdraw(turn.document, known.get(turn.document.id), tools)


def take_out(doc: Document, tools: Tools) -> None:
    """Take out all rows of a document that ended badly but those that are live."""
    _delete(doc, above=doc.live_generation, below=doc.generation + 1, tools=tools)
    tools.records.turns.withdrawn(doc)


def _withdraw(mine: Document, now: Document | None, tools: Tools) -> None:
    if now is None or now.state is State.DELETING:
        _delete(mine, above=None, below=mine.generation + 1, tools=tools)
    elif now.state in {State.FAILED, State.CANCELLED}:
        take_out(now, tools)
    elif now.generation > mine.generation != now.live_generation:
        live = now.live_generation
        above = live if live is not None and live < mine.generation else None
        _delete(mine, above=above, below=mine.generation + 1, tools=tools)


def _delete(doc: Document, *, above: int | None, below: int, tools: Tools) -> None:
    with suppress(NotFound):  # the collection itself is gone
        for space in tools.records.collections.get(doc.collection_id).spaces:
            tools.index.delete(space.index_name, [doc.id], above=above, below=below)
