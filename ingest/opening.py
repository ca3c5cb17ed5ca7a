"""Opening the documents of a claim: small plain texts here and now, everything else in child processes; and cutting."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence

from ingest.ends import fail, stumble
from ingest.formats import registry
from ingest.items import cut
from ingest.parse import ParseJob
from ingest.parsed import Parsed
from ingest.plain import is_plain, read_plain
from ingest.split import Splitter
from ingest.tools import Tools
from ingest.turn import Turn
from samespace.core.errors import NotFound, SamespaceError, Superseded, Unavailable, Unreadable
from samespace.core.faults import reach
from samespace.store.blobs import original
from samespace.store.records import Document


class Stopped(Exception):
    """The worker ends; what was being cut waits again."""


def opened(
    turns: Sequence[Turn], splitter: Splitter, tools: Tools, must_stop: Callable[[], bool]
) -> Iterator[Turn]:
    """Each turn with its pieces, as its document is read, parsed and cut; those that cannot be are failed here.

    Stopped where `must_stop` says so in the middle of a document.
    """
    for turn, parsed in _parsed(turns, tools):
        if isinstance(parsed, Unavailable):
            stumble(turn, parsed, tools)
            continue
        if isinstance(parsed, SamespaceError):
            fail(turn, parsed, tools)
            continue
        try:
            turn.take(cut(turn.document, parsed, splitter, _check(turn, tools, must_stop)))
        except Superseded:
            turn.ended = True
            continue
        turn.warnings = (*turn.warnings, *parsed.warnings)
        turn.faults = parsed.faults
        reach("embed.parsed")
        if turn.pieces:
            yield turn
            tools.sandbox.let_go(turn.key)
        else:
            fail(turn, Unreadable(f"{turn.document.name!r} holds no text and no picture"), tools)


def _parsed(turns: Sequence[Turn], tools: Tools) -> Iterator[tuple[Turn, Parsed | SamespaceError]]:
    """What each original holds, or why not: first the small texts, which nothing has to be started for."""
    others: list[Turn] = []
    for turn in turns:
        job = job_of(turn, tools) if is_plain(turn.document) else None
        plain = read_plain(job) if job else None
        if plain is not None:
            yield turn, plain
        elif not turn.ended:
            others.append(turn)
    found: deque[Turn] = deque()
    for parsed in tools.sandbox.run_many(_jobs(others, found, tools)):
        yield found.popleft(), parsed


def _jobs(turns: Sequence[Turn], found: deque[Turn], tools: Tools) -> Iterator[ParseJob]:
    """A job for each turn whose original is there, noted in `found`. Each is read as it is opened."""
    for turn in turns:
        job = job_of(turn, tools)
        if job is not None:
            found.append(turn)
            yield job


def job_of(turn: Turn, tools: Tools) -> ParseJob | None:
    """How to open a turn's document; None where its original is not there or cannot be read, and the turn has ended."""
    doc = turn.document
    try:
        source = tools.blobs.get(original(doc.content_hash))
    except NotFound:
        fail(turn, _lost_original(doc), tools)
    except (OSError, Unavailable) as error:
        tools.blobs.ping()  # raises, unless it is only about this one
        stumble(turn, error, tools)
    else:
        found = registry.FORMATS.of(doc.media_type)
        return ParseJob(
            name=doc.name,
            source=source,
            media_type=doc.media_type,
            limits=tools.limits,
            encoding=doc.encoding,
            usual_encoding=tools.settings.encoding,
            reader=found.reader if found else None,
            key=turn.key,
        )
    return None


def _lost_original(doc: Document) -> NotFound:
    key = original(doc.content_hash)
    return NotFound(f"the original of {doc.name!r}, blob {key}, is gone; add the document again")


def _check(turn: Turn, tools: Tools, must_stop: Callable[[], bool]) -> Callable[[], None]:
    """Raises Stopped or Superseded where there is no sense in cutting this document any further."""

    def check() -> None:
        if must_stop():
            raise Stopped
        if not tools.records.turns.holds(turn.document):
            raise Superseded(f"{turn.document.name!r} was called off while it was cut")

    return check
