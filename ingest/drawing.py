"""Drawing the pages whose pictures had to wait for their turn."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ingest.formats.words import pages_named
from ingest.items import Piece
from ingest.parse import Drawn, PagesJob
from ingest.parsed import Picture
from ingest.tools import Tools
from ingest.turn import Turn
from samespace.core.errors import SamespaceError, Unavailable
from samespace.core.types import Modality
from samespace.store.blobs import original

_PAGES = 16
"""Drawn in one call, so that it ends within the time for opening a file, however large they are."""


def draw(some: Sequence[tuple[Turn, Piece]], tools: Tools) -> list[tuple[Turn, Piece]]:
    """The pieces, with the pictures of those pages that still had none.

    A page that cannot be drawn is left out of its document, with a warning. Unavailable.
    """
    undrawn: dict[Turn, list[int]] = {}
    for turn, piece in some:
        if (page := _undrawn(piece)) is not None:
            undrawn.setdefault(turn, []).append(page)
    pictures: dict[tuple[Turn, int | None], Picture] = {}
    for turn, pages in undrawn.items():
        for drawn in _draw(turn, pages, tools):
            pictures |= {(turn, picture.page): picture for picture in drawn.pictures}
            turn.warnings = (*turn.warnings, *drawn.warnings)
        _leave_out(turn, [page for page in pages if (turn, page) not in pictures])
    filled: list[tuple[Turn, Piece]] = []
    for turn, piece in some:
        page = _undrawn(piece)
        if page is None:
            filled.append((turn, piece))
        elif (turn, page) in pictures:
            filled.append((turn, replace(piece, picture=pictures[turn, page].image)))
    return filled


def _undrawn(piece: Piece) -> int | None:
    is_drawn = piece.item.modality is not Modality.IMAGE or piece.picture is not None
    return None if is_drawn else piece.item.place.page


def _draw(turn: Turn, pages: Sequence[int], tools: Tools) -> Iterator[Drawn]:
    doc = turn.document
    source = tools.blobs.get(original(doc.content_hash))
    jobs = [
        PagesJob(doc.name, doc.media_type, source, tools.limits, tuple(pages[at : at + _PAGES]))
        for at in range(0, len(pages), _PAGES)
    ]
    for job, drawn in zip(jobs, tools.sandbox.run_many(jobs), strict=True):
        if isinstance(drawn, Unavailable):
            raise drawn
        yield _lost(job, drawn) if isinstance(drawn, SamespaceError) else drawn


def _lost(job: PagesJob, error: SamespaceError) -> Drawn:
    return Drawn(warnings=(f"{pages_named(job.pages)} of {job.name} cannot be drawn: {error}",))


def _leave_out(turn: Turn, pages: Iterable[int]) -> None:
    lost = set(pages)
    turn.pieces = [piece for piece in turn.pieces if _undrawn(piece) not in lost]
