"""Having a document ingested again: its items are written anew, from the vector cache where it knows them."""

from collections.abc import Sequence

from samespace.core.types import State
from samespace.operations.verify.run import Run
from samespace.store.blobs import original
from samespace.store.records import Document, LiveItem

_UNDER_WAY = {State.QUEUED, State.PROCESSING}


def still_live(items: Sequence[LiveItem], run: Run) -> list[LiveItem]:
    """Those that answer searches now: a document may have been replaced or deleted since it was looked at."""
    known = _documents(items, run)
    return [
        item
        for item in items
        if item.document_id in known and known[item.document_id].live_generation == item.generation
    ]


def rewrite(items: Sequence[LiveItem], run: Run) -> int:
    """Let the documents of these items wait to be ingested again; for how many items they do."""
    known = _documents(items, run)
    wanted = [doc.id for doc in known.values() if _can_be_made_again(doc, run)]
    again = run.services.records.claims.rewrite(wanted) if wanted else []
    if again:
        run.submit(again)
        run.ledger.rewritten += len(again)
    under_way = {id for id, doc in known.items() if doc.state in _UNDER_WAY} | set(again)
    return sum(item.document_id in under_way for item in items)


def names_of(items: Sequence[LiveItem]) -> list[str]:
    """The items as a report names them."""
    return [f"{item.key} of document {item.document_id}" for item in items]


def _can_be_made_again(doc: Document, run: Run) -> bool:
    """Whether its claim would bring back what is live: the newest bytes are the live ones, and are there."""
    return (
        doc.state not in _UNDER_WAY
        and doc.content_hash == doc.live_hash
        and run.services.blobs.exists(original(doc.content_hash))
    )


def _documents(items: Sequence[LiveItem], run: Run) -> dict[str, Document]:
    ids = list({item.document_id for item in items})
    return run.services.records.documents.many(ids) if ids else {}
