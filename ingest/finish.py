"""The end of a turn: complete documents go live, the versions they replace go away."""

from collections.abc import Sequence

from ingest.release import release
from ingest.spaces import CollectionSpace
from ingest.tools import Tools
from ingest.turn import Turn
from ingest.withdraw import sweep, withdraw
from samespace.core.faults import reach
from samespace.store.records import Document


def finish(
    turns: Sequence[Turn], spaces: Sequence[CollectionSpace], tools: Tools
) -> list[Document]:
    """Make documents that are complete in these spaces live, in one transaction; answers those that still were ours
    to end."""
    if not turns:
        return []
    replaced = {turn.document.id for turn in turns if turn.document.live_generation is not None}
    ready = tools.records.turns.ready([turn.done(spaces) for turn in turns])
    reach("finish.ready")
    for turn in turns:
        turn.ended = True
    for doc in ready:
        if doc.id in replaced:
            sweep(doc, tools)
    live = {doc.id for doc in ready}
    withdraw([turn for turn in turns if turn.document.id not in live], tools)
    if replaced:
        release(tools)
    return ready
