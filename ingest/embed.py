"""Embedding documents: open -> cut -> encode -> write to the index -> ready.

Three things go on at a time, each in a thread: slice n + 1 is read and cut while slice n is encoded and slice n - 1
written. At most four slices of a task are held, so that the encoder need not wait and memory stays bounded.
"""

import logging
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress

from ingest.ahead import read_ahead
from ingest.ends import RETRY_SECONDS, fail, put_back, stumble
from ingest.finish import finish
from ingest.opening import Stopped, opened
from ingest.slices import Encoded, Slice, SpaceRows, encode, slices
from ingest.spaces import CollectionSpace, open_spaces, splitter_for
from ingest.tools import Tools
from ingest.turn import Turn
from ingest.withdraw import forget, withdraw
from samespace.core.errors import SamespaceError, Unavailable, Unreadable
from samespace.core.faults import reach
from samespace.store.index_kinds import kind_of
from samespace.store.records import Document

log = logging.getLogger(__name__)


def ingest_documents(
    documents: Sequence[Document], tools: Tools, *, must_stop: Callable[[], bool]
) -> list[Document]:
    """Bring claimed documents of one collection to `ready` or `failed`; answers those that became ready.

    One that fails does so alone. Work goes in slices over all the documents, so that device batches
    fill across them. When `must_stop` says so before a slice, what is unfinished waits again; what was
    encoded by then is in the vector cache and costs nothing the next time. A document that was cancelled,
    deleted or replaced meanwhile is let go after the slice, or while it is cut. Unavailable (a store or
    an encoder does not answer) puts everything unfinished back, behind the others, and is raised; anything
    else unforeseen counts as an attempt of each.
    """
    turns = [Turn(document, [], document.warnings) for document in documents]
    try:
        return _run(turns, tools, must_stop)
    except Unavailable:
        put_back(turns, tools, wait_seconds=RETRY_SECONDS)
        raise
    except Exception as error:
        log.exception("%d documents stumbled", len(turns))
        for turn in turns:
            if not turn.ended:
                stumble(turn, error, tools)
        return []
    finally:
        put_back(turns, tools)


def _run(turns: Sequence[Turn], tools: Tools, must_stop: Callable[[], bool]) -> list[Document]:
    spaces = _spaces(turns, tools)
    if not spaces:
        return []
    ready: list[Document] = []
    cut = slices(opened(turns, splitter_for(spaces), tools, must_stop), tools.settings.slice_items)
    with (
        suppress(Stopped),
        closing(read_ahead(cut)) as ahead,
        closing(_encoded(_until(must_stop, ahead), spaces, tools)) as encoded,
    ):
        for each in encoded:
            ready += embed(each, spaces, tools)
    return ready


def _spaces(turns: Sequence[Turn], tools: Tools) -> list[CollectionSpace]:
    """The spaces of the documents' collection; without them (another encoder than the collection's) all fail."""
    try:
        collection = tools.records.collections.get(turns[0].document.collection_id)
        return open_spaces(collection, tools)
    except Unavailable:
        raise
    except SamespaceError as error:
        for turn in turns:
            fail(turn, error, tools)
        return []


def _until(must_stop: Callable[[], bool], some: Iterable[Slice]) -> Iterator[Slice]:
    for each in some:
        if must_stop():
            return
        yield each


def _encoded(
    some: Iterable[Slice], spaces: Sequence[CollectionSpace], tools: Tools
) -> Generator[Encoded]:
    """Each slice with its vectors; the next one waits for the encoder before this one is given out."""
    beside = ThreadPoolExecutor(1, thread_name_prefix="encode-ahead")
    before: Future[Encoded] | None = None
    try:
        for each in some:
            coming = beside.submit(encode, each, spaces, tools)
            if before is not None:
                yield before.result()
            before = coming
        if before is not None:
            yield before.result()
    finally:
        beside.shutdown(cancel_futures=True)


def embed(encoded: Encoded, spaces: Sequence[CollectionSpace], tools: Tools) -> list[Document]:
    """Write one slice; if that fails, each of its documents alone, so that only the guilty one fails."""
    forget([one for one in encoded.asked if one[0].ended], tools)
    turns = list(dict.fromkeys(turn for turn, _ in encoded.asked if not turn.ended))
    try:
        if encoded.error is not None:
            raise encoded.error
        written = _write(encoded, tools)
    except Unavailable:
        raise
    except Exception as error:
        if len(turns) == 1:
            fail(turns[0], error, tools)
            return []
        apart = [[one for one in encoded.asked if one[0] is turn] for turn in turns]
        return [
            doc for alone in apart for doc in embed(encode(alone, spaces, tools), spaces, tools)
        ]
    for turn, _ in written:
        turn.written += 1
    return _end(turns, spaces, tools)


def _write(encoded: Encoded, tools: Tools) -> Slice:
    """Write to the index what was encoded, but for what has ended meanwhile; answers what that comes to."""
    for rows in map(SpaceRows.left, encoded.rows):
        for turn, _ in rows.pieces:
            turn.has_written = True
        if rows.pieces:
            made = [turn.row(piece) for turn, piece in rows.pieces]
            kind_of(rows.index, tools.records, tools.index).write(rows.index, made, rows.vectors)
        reach("embed.indexed")
        for turn, key in rows.cut:
            turn.cut_in.setdefault(key, []).append(rows.index.name)
    return [(turn, piece) for turn, piece in encoded.drawn if not turn.ended]


def _end(turns: Sequence[Turn], spaces: Sequence[CollectionSpace], tools: Tools) -> list[Document]:
    """Those that are complete are made live; of the others it is noted how far they have got."""
    for turn in turns:
        if not turn.pieces:
            fail(turn, Unreadable(f"no page of {turn.document.name!r} can be drawn"), tools)
    turns = [turn for turn in turns if not turn.ended]
    _let_go([turn for turn in turns if not turn.is_complete], tools)
    ready = finish([turn for turn in turns if turn.is_complete], spaces, tools)
    for turn in turns:
        if turn.ended:
            turn.pieces = []  # and with them their pictures
    return ready


def _let_go(turns: Sequence[Turn], tools: Tools) -> None:
    """Note how far these have got; those that are no longer ours end here, and what they wrote is taken back."""
    progress = tools.records.turns.progress
    lost = [turn for turn in turns if not progress(turn.document, turn.written, len(turn.pieces))]
    for turn in lost:
        turn.ended = True
    withdraw(lost, tools)
