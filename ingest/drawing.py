"""Reading what had to wait for its turn: the pictures of pages, slice by slice, while the document stays open."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import replace

from ingest.claim import Claim
from ingest.formats.words import pages_named
from ingest.items import Piece
from ingest.opening import job_of
from ingest.parse import ParseJob, ReadJob
from ingest.parsed import Fault, Read
from ingest.slices import Filled, Slice
from samespace.core.content import Content
from samespace.core.errors import SamespaceError, Unavailable, Unreadable
from samespace.services import Services


def filled(some: Iterable[Slice], services: Services) -> Iterator[Filled]:
    """The slices with what their pieces stand for. Unavailable."""
    for each in some:
        yield fill(each, services)


def fill(asked: Slice, services: Services) -> Filled:
    """What had to wait is read now, document by document; what cannot be read is left out of its document, which says
    so in its warnings. Unavailable."""
    wanted: dict[Claim, list[Piece]] = {}
    for claim, piece in asked:
        if not _is_there(claim, piece) and not claim.ended:
            wanted.setdefault(claim, []).append(piece)
    read = {
        (claim, at): it for claim, some in wanted.items() for at, it in _read(claim, some, services)
    }
    there: Slice = []
    for claim, piece in asked:
        if _is_there(claim, piece):
            content = claim.decoded.pop(piece.item.key, piece.content)
            there.append((claim, replace(piece, content=content)))
        elif (claim, piece.waits) in read:
            there.append((claim, replace(piece, content=read[claim, piece.waits])))
    return Filled(asked, there)


def _is_there(claim: Claim, piece: Piece) -> bool:
    return piece.content.is_there or piece.item.key in claim.decoded


def _read(
    claim: Claim, some: Sequence[Piece], services: Services
) -> Iterable[tuple[int | None, Content]]:
    """What could be read of these pieces, by their places; the others are left out."""
    read = _ask(claim, tuple(piece.waits for piece in some if piece.waits is not None), services)
    got: dict[int | None, Content] = {}
    if isinstance(read, Read):
        got = _contents(read, some)
        claim.faults = (*claim.faults, *read.faults, *_unsaid(read, got, some))
    else:
        pages = pages_named(sorted({piece.item.place.page or 1 for piece in some}))
        lost = f"{pages} of {claim.document.name} cannot be drawn: {read}"
        claim.warnings = (*claim.warnings, lost)
    _leave_out(claim, {piece.waits for piece in some} - got.keys())
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


def _ask(claim: Claim, wanted: tuple[int, ...], services: Services) -> Read | SamespaceError:
    name = claim.document.name

    def anew() -> ReadJob:
        return ReadJob(name, claim.key, wanted, _again(claim, services))

    try:
        read = services.sandbox.read_on(claim.key, ReadJob(name, claim.key, wanted), anew)
    except Unavailable:
        raise
    except SamespaceError as error:
        return error
    if isinstance(read, Unavailable):
        raise read
    return read


def _again(claim: Claim, services: Services) -> ParseJob:
    job = job_of(claim, services)
    if job is None:
        raise Unreadable(f"the original of {claim.document.name!r} cannot be read any more")
    return job


def _leave_out(claim: Claim, lost: Set[int | None]) -> None:
    if lost:
        claim.pieces = [piece for piece in claim.pieces if piece.waits not in lost]
