"""Drawing the pages whose pictures had to wait for their turn."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ingest.claim import Claim
from ingest.items import Piece
from ingest.limits import limits_of
from ingest.parse import Drawn, PagesJob
from ingest.parsed import Picture
from ingest.parsers.words import pages_named
from samespace.core.errors import SamespaceError, Unavailable
from samespace.core.types import Modality
from samespace.services import Services
from samespace.store.blobs import original

_PAGES = 16
"""Drawn in one call, so that it ends within the time for opening a file, however large they are."""


def draw(some: Sequence[tuple[Claim, Piece]], services: Services) -> list[tuple[Claim, Piece]]:
    """The pieces, with the pictures of those pages that still had none.

    A page that cannot be drawn is left out of its document, with a warning. Unavailable.
    """
    undrawn: dict[Claim, list[int]] = {}
    for claim, piece in some:
        if (page := _undrawn(piece)) is not None:
            undrawn.setdefault(claim, []).append(page)
    pictures: dict[tuple[Claim, int | None], Picture] = {}
    for claim, pages in undrawn.items():
        for drawn in _draw(claim, pages, services):
            pictures |= {(claim, picture.page): picture for picture in drawn.pictures}
            claim.warnings = (*claim.warnings, *drawn.warnings)
        _leave_out(claim, [page for page in pages if (claim, page) not in pictures])
    filled: list[tuple[Claim, Piece]] = []
    for claim, piece in some:
        page = _undrawn(piece)
        if page is None:
            filled.append((claim, piece))
        elif (claim, page) in pictures:
            filled.append((claim, replace(piece, picture=pictures[claim, page].image)))
    return filled


def _undrawn(piece: Piece) -> int | None:
    is_drawn = piece.item.modality is not Modality.IMAGE or piece.picture is not None
    return None if is_drawn else piece.item.place.page


def _draw(claim: Claim, pages: Sequence[int], services: Services) -> Iterator[Drawn]:
    doc = claim.document
    source = services.blobs.get(original(doc.content_hash))
    jobs = [
        PagesJob(
            doc.name,
            doc.media_type,
            source,
            limits_of(services.settings),
            tuple(pages[at : at + _PAGES]),
        )
        for at in range(0, len(pages), _PAGES)
    ]
    for job, drawn in zip(jobs, services.sandbox.run_many(jobs), strict=True):
        if isinstance(drawn, Unavailable):
            raise drawn
        yield _lost(job, drawn) if isinstance(drawn, SamespaceError) else drawn


def _lost(job: PagesJob, error: SamespaceError) -> Drawn:
    return Drawn(warnings=(f"{pages_named(job.pages)} of {job.name} cannot be drawn: {error}",))


def _leave_out(claim: Claim, pages: Iterable[int]) -> None:
    lost = set(pages)
    claim.pieces = [piece for piece in claim.pieces if _undrawn(piece) not in lost]
