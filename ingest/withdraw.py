"""Taking rows out of the index: of versions that were replaced, and of those that will never answer searches."""

from collections.abc import Sequence
from contextlib import suppress

from ingest.claim import Claim
from ingest.items import Piece, contents_of
from ingest.release import release
from samespace.core.errors import NotFound
from samespace.core.types import State
from samespace.services import Services
from samespace.store.index_kinds import kind_of
from samespace.store.records import Document, IndexRecord


def withdraw(lost: Sequence[Claim], services: Services) -> None:
    """Take back what these claims wrote, whose documents were cancelled, deleted or replaced meanwhile.

    What another worker goes on with, in the same generation, stays.
    """
    written = {claim.document.id: claim for claim in lost if claim.has_written}
    if not written:
        return
    # A deletion may have let go of them before they were cached.
    contents = {id: contents_of(claim.pieces) for id, claim in written.items()}
    services.records.garbage.note(contents, is_written=True)
    known = services.records.documents.many(list(written))
    for id, claim in written.items():
        _withdraw(claim.document, known.get(id), services)
    release(services)


def forget(pieces: Sequence[tuple[Claim, Piece]], services: Services) -> None:
    """Let go of vectors that were cached for turns which had ended by then."""
    contents: dict[str, list[str]] = {}
    for claim, piece in pieces:
        contents.setdefault(claim.document.id, []).append(piece.item.content_hash)
    if contents:
        services.records.garbage.note(contents, is_written=True)
        release(services)


def take_out(doc: Document, services: Services) -> None:
    """Take out all rows of a document that ended badly but those that are live."""
    _delete(doc, above=doc.live_generation, below=doc.generation + 1, services=services)
    services.records.claims.withdrawn(doc)


def sweep(doc: Document, services: Services) -> None:
    """Remove the rows of versions before the one that is live."""
    _delete(doc, above=None, below=doc.generation, services=services)
    services.records.claims.swept(doc, doc.generation)


def _withdraw(mine: Document, now: Document | None, services: Services) -> None:
    if now is None or now.state is State.DELETING:
        _delete(mine, above=None, below=mine.generation + 1, services=services)
    elif now.state in {State.FAILED, State.CANCELLED}:
        take_out(now, services)
    elif now.generation > mine.generation != now.live_generation:
        live = now.live_generation
        above = live if live is not None and live < mine.generation else None
        _delete(mine, above=above, below=mine.generation + 1, services=services)


def _delete(doc: Document, *, above: int | None, below: int, services: Services) -> None:
    for index in _indexes(doc, services):
        with suppress(NotFound):  # the collection is being deleted
            kind = kind_of(index, services.records, services.index)
            kind.delete(index, [doc.id], above=above, below=below)


def _indexes(doc: Document, services: Services) -> Sequence[IndexRecord]:
    """All of them: what is replaced or taken back goes from one that is built or retired as well."""
    try:
        return services.records.collections.get(doc.collection_id).indexes
    except NotFound:
        return ()
