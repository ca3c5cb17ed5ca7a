"""The vector cache: it keeps the vectors of live content, and what documents in work have put there."""

from collections.abc import Sequence

from samespace.core.types import State
from samespace.operations.verify.report import Kind
from samespace.operations.verify.run import Run
from samespace.store.vectors import VectorCache, VectorKey


def check_cache(run: Run) -> None:
    """Note cached vectors that no document's item needs; with a repair remove them.

    A vector is needed while an item of its content is on record and a collection uses its encoder. What was
    kept after the oldest unfinished document was made may belong to that one.
    """
    collections = run.services.records.collections
    all_of_them = [*collections.all(State.READY), *collections.all(State.DELETING)]
    # What was given up, and its vectors with it, is about to be removed.
    given_up = run.services.records.indexes.given_up()
    indexes = [*given_up, *(index for one in all_of_them for index in one.indexes)]
    used = {index.fingerprint for index in indexes if index.model}
    unfinished = run.services.records.holdings.unfinished_since()
    before = run.settled if unfinished is None else min(run.settled, unfinished)
    pages = run.services.vectors.pages(before)
    for some in run.batches((one for page in pages for one in page), "cached vectors"):
        run.ledger.vectors += len(some)
        _check(some, used, run)


def _check(some: Sequence[VectorKey], used: set[str], run: Run) -> None:
    unheld = set(run.services.records.documents.unheld([one.content_hash for one in some]))
    orphans: dict[str, list[str]] = {}
    for one in some:
        if one.content_hash in unheld or one.fingerprint not in used:
            orphans.setdefault(one.fingerprint, []).append(one.content_hash)
    for fingerprint, hashes in orphans.items():
        _remove(run.services.vectors, fingerprint, hashes, run)


def _remove(cache: VectorCache, fingerprint: str, hashes: Sequence[str], run: Run) -> None:
    # A deletion may have removed them since the page was read.
    present = sorted(cache.get(fingerprint, hashes))
    if run.repair:
        cache.drop(fingerprint, present)
    names = [f"{one} of encoder {fingerprint[:12]}" for one in present]
    run.ledger.note(Kind.ORPHAN_VECTOR, names, len(names) if run.repair else 0)
