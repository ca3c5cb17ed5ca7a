"""Originals and thumbnails: there for each document that needs one, and for nothing else."""

from collections.abc import Iterator, Sequence

from samespace.core.errors import NotFound
from samespace.operations.verify.report import Kind
from samespace.operations.verify.run import Run
from samespace.store.blobs import ORIGINALS, THUMBNAILS, original
from samespace.store.merge import merged


def check_blobs(run: Run) -> None:
    """Note originals that are gone, blobs nobody refers to and leftovers; with a repair remove the latter two."""
    for kind in (ORIGINALS, *THUMBNAILS.values()):
        pairs = merged(run.services.records.holdings.originals(), _hashes(kind, run), str, str)
        for some in run.batches(pairs, kind):
            run.ledger.blobs += sum(stored is not None for _, stored in some)
            _check_unheld([str(stored) for held, stored in some if held is None], kind, run)
            if kind == ORIGINALS:
                _check_lost([held for held, stored in some if held and stored is None], run)
    for names in run.batches(run.services.blobs.leftovers(run.grace), "leftovers"):
        _remove_leftovers(names, run)


def _hashes(kind: str, run: Run) -> Iterator[str]:
    return (key.partition("/")[2] for key in run.services.blobs.keys(kind))


def _check_lost(hashes: Sequence[str], run: Run) -> None:
    """Nothing can be mended here: whoever has the bytes can add them again."""
    collections = run.services.records.collections
    names = {one.id: one.name for one in collections.all()} if hashes else {}
    for content in hashes:
        if run.services.blobs.exists(original(content)):
            continue
        for doc in run.services.records.holdings.holders(content):
            what = f"{original(content)} of document {doc.id} ({doc.external_id or doc.name})"
            run.ledger.note(Kind.LOST_ORIGINAL, [what], collection=names.get(doc.collection_id))


def _check_unheld(hashes: Sequence[str], kind: str, run: Run) -> None:
    old = [content for content in hashes if _is_settled(f"{kind}/{content}", run)]
    orphans = [f"{kind}/{one}" for one in run.services.records.holdings.unheld_originals(old)]
    removed = [key for key in orphans if run.repair and _remove(key, run)]
    run.ledger.note(Kind.ORPHAN_BLOB, removed if run.repair else orphans, len(removed))


def _is_settled(key: str, run: Run) -> bool:
    try:
        return run.services.blobs.stored_at(key) < run.settled
    except NotFound:
        return False


def _remove(key: str, run: Run) -> bool:
    """Under the lock within which no document is accepted: an upload may just bring these bytes again."""
    with run.services.records.documents.blob_lock(key.partition("/")[2]) as is_unused:
        if is_unused:
            run.services.blobs.delete(key)
        return is_unused


def _remove_leftovers(names: Sequence[str], run: Run) -> None:
    if run.repair:
        for name in names:
            run.services.blobs.remove_leftover(name)
    run.ledger.note(Kind.LEFTOVER, names, len(names) if run.repair else 0)
