"""Embedding documents: open -> cut -> encode -> write to the index -> ready."""

import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence

from ingest.drawing import draw
from ingest.finish import finish
from ingest.items import Piece, contents_of, cut
from ingest.parse import ParseJob
from ingest.spaces import CollectionSpace, open_spaces, splitter_for
from ingest.tools import Tools
from ingest.turn import Turn
from ingest.vectors import too_long, vectors_of
from ingest.withdraw import withdraw
from samespace.core.errors import NotFound, SamespaceError, Superseded, Unavailable, Unreadable
from samespace.core.faults import reach
from samespace.store.blobs import original
from samespace.store.records import Document

log = logging.getLogger(__name__)

_RETRY_SECONDS = 1.0

Slice = list[tuple[Turn, Piece]]


def ingest_documents(
    documents: Sequence[Document], tools: Tools, *, must_stop: Callable[[], bool]
) -> list[Document]:
    """Bring claimed documents of one collection to `ready` or `failed`; answers those that became ready.

    One that fails does so alone. Work goes in slices over all the documents, so that device batches
    fill across them. When `must_stop` says so between slices, what is unfinished waits again; what was
    encoded by then is in the vector cache and costs nothing the next time. A document that was cancelled,
    deleted or replaced meanwhile is let go after the slice, or while it is cut. Unavailable (a store or
    an encoder does not answer) puts everything unfinished back, behind the others, and is raised; anything
    else unforeseen counts as an attempt of each.
    """
    turns = [Turn(document, [], document.warnings) for document in documents]
    try:
        return _run(turns, tools, must_stop)
    except Unavailable:
        _put_back(turns, tools, wait_seconds=_RETRY_SECONDS)
        raise
    except Exception as error:
        log.exception("%d documents stumbled", len(turns))
        for turn in turns:
            if not turn.ended:
                _stumble(turn, error, tools)
        return []
    finally:
        _put_back(turns, tools)


def _run(turns: Sequence[Turn], tools: Tools, must_stop: Callable[[], bool]) -> list[Document]:
    spaces = _spaces(turns, tools)
    if not spaces:
        return []
    ready: list[Document] = []
    if not _open(turns, spaces, tools, must_stop):
        return []
    for some in _slices(turns, tools.settings.slice_items):
        if must_stop():
            break
        ready += _embed(some, spaces, tools)
    return ready


def _spaces(turns: Sequence[Turn], tools: Tools) -> list[CollectionSpace]:
    """The spaces of the documents' collection; without them (another encoder than the collection's) all fail."""
    try:
        collection = tools.records.collections.get(turns[0].document.collection_id)
        return open_spaces(collection, tools.encoders)
    except Unavailable:
        raise
    except SamespaceError as error:
        for turn in turns:
            _fail(turn, error, tools)
        return []


def _put_back(turns: Sequence[Turn], tools: Tools, wait_seconds: float = 0) -> None:
    """Let what has not ended wait again; what was cancelled, deleted or replaced meanwhile is taken back."""
    left = [turn for turn in turns if not turn.ended]
    if not left:
        return
    docs = [turn.document for turn in left]
    ours = tools.records.turns.put_back(docs, wait_seconds=wait_seconds)
    for turn in left:
        turn.ended = True
    withdraw([turn for turn in left if turn.document.id not in ours], tools)


class _Stopped(Exception):
    """The worker ends; what was being cut waits again."""


def _open(
    turns: Sequence[Turn],
    spaces: Sequence[CollectionSpace],
    tools: Tools,
    must_stop: Callable[[], bool],
) -> bool:
    """Read, parse and cut each document; those that cannot be are failed here. False if it had to stop."""
    splitter = splitter_for(spaces)
    found: deque[Turn] = deque()
    for parsed in tools.sandbox.run_many(_jobs(turns, found, tools)):
        turn = found.popleft()
        if isinstance(parsed, Unavailable):
            _stumble(turn, parsed, tools)
            continue
        if isinstance(parsed, SamespaceError):
            _fail(turn, parsed, tools)
            continue
        try:
            turn.pieces = cut(turn.document, parsed, splitter, _check(turn, tools, must_stop))
        except _Stopped:
            return False
        except Superseded:
            turn.ended = True
            continue
        turn.warnings = (*turn.warnings, *parsed.warnings)
        reach("embed.parsed")
        if not turn.pieces:
            _fail(turn, Unreadable(f"{turn.document.name!r} holds no text and no picture"), tools)
    return True


def _check(turn: Turn, tools: Tools, must_stop: Callable[[], bool]) -> Callable[[], None]:
    """Raises _Stopped or Superseded where there is no sense in cutting this document any further."""

    def check() -> None:
        if must_stop():
            raise _Stopped
        if not tools.records.turns.holds(turn.document):
            raise Superseded(f"{turn.document.name!r} was called off while it was cut")

    return check


def _jobs(turns: Sequence[Turn], found: deque[Turn], tools: Tools) -> Iterator[ParseJob]:
    """A job for each turn whose original is there, noted in `found`; the others fail. Each is read as it is opened."""
    for turn in turns:
        try:
            job = _job(turn.document, tools)
        except NotFound:
            _fail(turn, _lost_original(turn.document), tools)
        except (OSError, Unavailable) as error:
            tools.blobs.ping()  # raises, unless it is only about this one
            _stumble(turn, error, tools)
        else:
            found.append(turn)
            yield job


def _lost_original(doc: Document) -> NotFound:
    key = original(doc.content_hash)
    return NotFound(f"the original of {doc.name!r}, blob {key}, is gone; add the document again")


def _job(doc: Document, tools: Tools) -> ParseJob:
    return ParseJob(
        name=doc.name,
        source=tools.blobs.get(original(doc.content_hash)),
        media_type=doc.media_type,
        limits=tools.limits,
        encoding=doc.encoding,
        usual_encoding=tools.settings.encoding,
    )


def _slices(turns: Sequence[Turn], size: int) -> Iterator[Slice]:
    pieces = [(turn, piece) for turn in turns for piece in turn.pieces]
    for start in range(0, len(pieces), size):
        yield [(turn, piece) for turn, piece in pieces[start : start + size] if not turn.ended]


def _embed(some: Slice, spaces: Sequence[CollectionSpace], tools: Tools) -> list[Document]:
    """Write one slice; if that fails, each of its documents alone, so that only the guilty one fails."""
    turns = list(dict.fromkeys(turn for turn, _ in some))
    try:
        some = _write(some, spaces, tools)
    except Unavailable:
        raise
    except Exception as error:
        if len(turns) == 1:
            _fail(turns[0], error, tools)
            return []
        apart = [[one for one in some if one[0] is turn] for turn in turns]
        return [doc for alone in apart for doc in _embed(alone, spaces, tools)]
    for turn, _ in some:
        turn.written += 1
    for turn in turns:
        if not turn.pieces:
            _fail(turn, Unreadable(f"no page of {turn.document.name!r} can be drawn"), tools)
    turns = [turn for turn in turns if not turn.ended]
    _let_go([turn for turn in turns if not turn.is_complete], tools)
    return finish([turn for turn in turns if turn.is_complete], tools)


def _let_go(turns: Sequence[Turn], tools: Tools) -> None:
    """Note how far these have got; those that are no longer ours end here, and what they wrote is taken back."""
    progress = tools.records.turns.progress
    lost = [turn for turn in turns if not progress(turn.document, turn.written, len(turn.pieces))]
    for turn in lost:
        turn.ended = True
    withdraw(lost, tools)


def _write(some: Slice, spaces: Sequence[CollectionSpace], tools: Tools) -> Slice:
    """What was written: the slice without the pages that could not be drawn."""
    some = draw(some, tools)
    _note(some, tools)
    for space in spaces:
        taken = [(turn, piece) for turn, piece in some if piece.item.modality in space.modalities]
        if not taken:
            continue
        pieces = [piece for _, piece in taken]
        rows = [turn.row(piece) for turn, piece in taken]
        for turn, _ in taken:
            turn.has_written = True
        tools.index.upsert(space.index_name, rows, vectors_of(pieces, space.encoder, tools.vectors))
        reach("embed.indexed")
        cut_keys = too_long(pieces, space.encoder)
        for turn, piece in taken:
            if piece.item.key in cut_keys:
                turn.cut_in.setdefault(piece.item.key, []).append(space.name)
    return some


def _note(some: Slice, tools: Tools) -> None:
    """Before anything of it is cached: whatever becomes of these documents, their vectors are not forgotten."""
    pieces: dict[str, list[Piece]] = {}
    for turn, piece in some:
        pieces.setdefault(turn.document.id, []).append(piece)
    tools.records.loose.note({id: contents_of(each) for id, each in pieces.items()})


def _fail(turn: Turn, error: Exception, tools: Tools) -> None:
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


def _stumble(turn: Turn, error: Exception, tools: Tools) -> None:
    """Something went wrong that may not go wrong again: another attempt by and by, while there are any left."""
    doc = turn.document
    if doc.attempt >= tools.settings.max_attempts:
        _fail(turn, error, tools)
        return
    log.warning("document %s is tried again: %s", doc.id, error)
    turn.ended = True
    seconds = _RETRY_SECONDS * 2 ** (doc.attempt - 1)
    tools.records.turns.put_back([doc], count_attempt=True, wait_seconds=seconds)
