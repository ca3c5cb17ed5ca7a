"""How turns end badly: failed, tried again by and by, or put back."""

import logging
from collections.abc import Sequence

from ingest.tools import Tools
from ingest.turn import Turn
from ingest.withdraw import withdraw
from samespace.core.errors import SamespaceError

log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0


def fail(turn: Turn, error: Exception, tools: Tools) -> None:
    """End a turn badly; what it wrote, now or at an earlier start, is taken back."""
    turn.ended = True
    doc = turn.document
    if isinstance(error, SamespaceError):
        reason = str(error)
    else:
        log.error("document %s failed", doc.id, exc_info=error)
        reason = f"unexpected {type(error).__name__}: {error}"
    has_leftovers = turn.has_written or doc.attempt > 1 or doc.generation > 1
    tools.records.turns.fail(doc, reason, has_leftovers=has_leftovers)
    withdraw([turn], tools)


def stumble(turn: Turn, error: Exception, tools: Tools) -> None:
    """Something went wrong that may not go wrong again: another attempt by and by, while there are any left."""
    doc = turn.document
    if doc.attempt >= tools.settings.max_attempts:
        fail(turn, error, tools)
        return
    log.warning("document %s is tried again: %s", doc.id, error)
    turn.ended = True
    seconds = RETRY_SECONDS * 2 ** (doc.attempt - 1)
    tools.records.turns.put_back([doc], count_attempt=True, wait_seconds=seconds)


def put_back(turns: Sequence[Turn], tools: Tools, wait_seconds: float = 0) -> None:
    """Let what has not ended wait again; what was cancelled, deleted or replaced meanwhile is taken back."""
    left = [turn for turn in turns if not turn.ended]
    if not left:
        return
    docs = [turn.document for turn in left]
    ours = tools.records.turns.put_back(docs, wait_seconds=wait_seconds)
    for turn in left:
        turn.ended = True
    withdraw([turn for turn in left if turn.document.id not in ours], tools)
