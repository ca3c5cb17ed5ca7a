"""Reading what had to wait for its turn: the pictures of pages, slice by slice, while the document stays open."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import replace

from ingest.formats.words import pages_named
from ingest.items import Piece
from ingest.opening import job_of
from ingest.parse import ParseJob, ReadJob
from ingest.parsed import Fault, Read
from ingest.slices import Filled, Slice
from ingest.tools import Tools
from ingest.turn import Turn
from samespace.core.content import Content
from samespace.core.errors import SamespaceError, Unavailable, Unreadable


def filled(some: Iterable[Slice], tools: Tools) -> Iterator[Filled]:
    """The slices with what their pieces stand for. Unavailable."""
    for each in some:
        yield fill(each, tools)


def fill(asked: Slice, tools: Tools) -> Filled:
    """What had to wait is read now, document by document; what cannot be read is left out of its document, which says
    so in its warnings. Unavailable."""
    wanted: dict[Turn, list[Piece]] = {}
    for turn, piece in asked:
        if not _is_there(turn, piece) and not turn.ended:
            wanted.setdefault(turn, []).append(piece)
    read = {(turn, at): it for turn, some in wanted.items() for at, it in _read(turn, some, tools)}
    there: Slice = []
    for turn, piece in asked:
        if _is_there(turn, piece):
            content = turn.decoded.pop(piece.item.key, piece.content)
            there.append((turn, replace(piece, content=content)))
        elif (turn, piece.waits) in read:
            there.append((turn, replace(piece, content=read[turn, piece.waits])))
    return Filled(asked, there)


def _is_there(turn: Turn, piece: Piece) -> bool:
    return piece.content.is_there or piece.item.key in turn.decoded


def _read(turn: Turn, some: Sequence[Piece], tools: Tools) -> Iterable[tuple[int | None, Content]]:
    """What could be read of these pieces, by their places; the others are left out."""
    read = _ask(turn, tuple(piece.waits for piece in some if piece.waits is not None), tools)
    got: dict[int | None, Content] = {}
    if isinstance(read, Read):
        got = _contents(read, some)
        turn.faults = (*turn.faults, *read.faults, *_unsaid(read, got, some))
    else:
        pages = pages_named(sorted({piece.item.place.page or 1 for piece in some}))
        lost = f"{pages} of {turn.document.name} cannot be drawn: {read}"
        turn.warnings = (*turn.warnings, lost)
    _leave_out(turn, {piece.waits for piece in some} - got.keys())
    return got.items()


def _contents(read: Read, some: Sequence[Piece]) -> dict[int | None, Content]:
    """What was read, by its places; what is not of the form that its modality has, from a child that lies, is not."""
    decoded = dict(zip(read.at, read.decoded, strict=True))
    got: dict[int | None, Content] = {}
    for piece in some:
        if piece.waits in decoded:
            with suppress(ValueError):
                got[piece.waits] = piece.content.with_decoded(decoded[piece.waits])
    return got


def _unsaid(
    read: Read, got: Mapping[int | None, Content], some: Sequence[Piece]
) -> Iterator[Fault]:
    """A fault for what was neither read nor said to be lost: nothing is lost in silence."""
    said = {page for fault in read.faults for page in fault.pages}
    missing = {piece.item.place.page or 1 for piece in some if piece.waits not in got} - said
    if missing:
        yield Fault(
            "cannot be read: the answer of the process that opened it is none", tuple(missing)
        )


def _ask(turn: Turn, wanted: tuple[int, ...], tools: Tools) -> Read | SamespaceError:
    name = turn.document.name

    def anew() -> ReadJob:
        return ReadJob(name, turn.key, wanted, _again(turn, tools))

    try:
        read = tools.sandbox.read_on(turn.key, ReadJob(name, turn.key, wanted), anew)
    except Unavailable:
        raise
    except SamespaceError as error:
        return error
    if isinstance(read, Unavailable):
        raise read
    return read


def _again(turn: Turn, tools: Tools) -> ParseJob:
    job = job_of(turn, tools)
    if job is None:
        raise Unreadable(f"the original of {turn.document.name!r} cannot be read any more")
    return job


def _leave_out(turn: Turn, lost: Set[int | None]) -> None:
    if lost:
        turn.pieces = [piece for piece in turn.pieces if piece.waits not in lost]
