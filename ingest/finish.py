"""The end of a turn: complete documents go live, the versions they replace go away."""

from collections.abc import Sequence

from ingest.release import release
from ingest.spaces import CollectionSpace
from ingest.tools import Tools
from ingest.turn import Turn
from ingest.withdraw import withdraw
from samespace.core.faults import reach
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
    reach("finish.ready")
    for turn in turns:
        turn.ended = True
    for doc in ready:
        if doc.id in replaced:
            live_hash, contents = replaced[doc.id]
            sweep(doc, spaces, tools)
            release(contents, [live_hash], tools)
    live = {doc.id for doc in ready}
    withdraw([turn for turn in turns if turn.document.id not in live], tools)
    return ready


def sweep(doc: Document, spaces: Sequence[CollectionSpace], tools: Tools) -> None:
    """Remove the rows of versions before the one that is live."""
    for space in spaces:
        tools.index.delete(space.index_name, [doc.id], below=doc.generation)
    tools.records.turns.swept(doc, doc.generation)
