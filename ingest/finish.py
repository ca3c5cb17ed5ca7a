"""The end of a turn: complete documents go live, the versions they replace go away."""

from collections.abc import Sequence
from contextlib import suppress

from ingest.release import release
from ingest.spaces import CollectionSpace
from ingest.tools import Tools
from ingest.turn import Turn
from samespace.core.errors import NotFound
from samespace.core.types import State
from samespace.store.records import Document


def finish(
    turns: Sequence[Turn], spaces: Sequence[CollectionSpace], tools: Tools
) -> list[Document]:
    """Make complete documents live, in one transaction; answers those that still were ours to end."""
    if not turns:
        return []
    replaced = {
        turn.document.id: (
            turn.document.live_hash,
            tools.records.documents.contents(turn.document.id),
        )
        for turn in turns
        if turn.document.live_generation is not None
    }
    ready = tools.records.turns.ready([turn.done() for turn in turns])
    for turn in turns:
        turn.ended = True
    for doc in ready:
        if doc.id in replaced:
            live_hash, contents = replaced[doc.id]
            sweep(doc, spaces, tools)
            release(contents, [live_hash], tools)
    withdraw(turns, ready, spaces, tools)
    return ready


def sweep(doc: Document, spaces: Sequence[CollectionSpace], tools: Tools) -> None:
    """Remove the rows of versions before the one that is live."""
    for space in spaces:
        tools.index.delete(space.index_name, [doc.id], below=doc.generation)
    tools.records.turns.swept(doc, doc.generation)


def take_back(turn: Turn, spaces: Sequence[CollectionSpace], tools: Tools) -> None:
    """Remove what a turn wrote that will never be live; with its document gone, the vectors too that it cached."""
    keys = [piece.item.key for piece in turn.pieces]
    for space in spaces:
        with suppress(NotFound):  # the collection was deleted
            tools.index.remove(space.index_name, keys)
    now = tools.records.documents.many([turn.document.id]).get(turn.document.id)
    if now is None or now.state is State.DELETING:
        contents = [piece.item.content_hash for piece in turn.pieces]
        release(contents, [turn.document.content_hash], tools)


def withdraw(
    ended: Sequence[Turn],
    ready: Sequence[Document],
    spaces: Sequence[CollectionSpace],
    tools: Tools,
) -> None:
    """Take back what was written for documents that were deleted or replaced meanwhile: they must not rise again."""
    live = {doc.id for doc in ready}
    lost = {turn.document.id: turn for turn in ended if turn.document.id not in live}
    known = tools.records.documents.many(list(lost)) if lost else {}
    for id, turn in lost.items():
        now, generation = known.get(id), turn.document.generation
        is_wanted = now and generation in {now.generation, now.live_generation}
        if not is_wanted or (now and now.state is State.DELETING):
            take_back(turn, spaces, tools)
