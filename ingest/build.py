"""Filling an index that stands beside those which searches ask, until it lacks nothing that answers them.

What it lacks is asked of the records at each turn, so that this may end anywhere and be begun again. Vectors come out
of the cache where its encoder is known; else passages come from the live indexes and pictures from the originals.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

import numpy as np

from ingest.again import piece_of, read_again, rows_again
from ingest.ahead import read_ahead
from ingest.items import Piece, contents_of
from ingest.vectors import too_long, vectors_of
from samespace.core.errors import NotFound, SamespaceError, Unavailable
from samespace.core.faults import fault_point
from samespace.core.modalities import row_of
from samespace.core.progress import Progress, Report, unwatched
from samespace.core.types import Row
from samespace.encoders.batcher import BatchedEncoder
from samespace.encoders.opening import open_encoder
from samespace.services import Services
from samespace.store.records import Collection, Document, IndexRecord
from samespace.store.records.holdings import HeldItem
from samespace.store.vectors import Vector

log = logging.getLogger(__name__)

_DOCUMENTS = 256
_ITEMS = 1000
_ENCODED = 64
_LONGEST_WAIT = 5.0
_LOOKS = 0.2
_VAIN_PASSES = 3
# While documents never stop coming, something is lacking after every pass.
_FEW, _PASSES = 64, 5


@dataclass(slots=True)
class Filling:
    """An index that is being filled: with what, for which collection, and whom to tell."""

    index: IndexRecord
    collection: Collection
    encoder: BatchedEncoder
    services: Services
    report: Report
    total: int
    done: int = 0
    noted: int = 0

    def go_on(self, items: int = 0) -> bool:
        """Count these items as done; False where it is to stop."""
        self.done += items
        self.total = max(self.total, self.done)
        return self.report(Progress(self.done, self.total, f"filling {self.index.name}"))


@dataclass(slots=True)
class Portion:
    """Some rows of a batch with their pieces, and their vectors where the cache knew them all.

    `failed` are documents of which something cannot be had, and why. With the last portion of a batch, `ends` are the
    documents that are complete by then, with their generations.
    """

    rows: Sequence[Row] = ()
    pieces: Sequence[Piece] = ()
    known: Mapping[str, Vector] | None = None
    failed: dict[str, str] = field(default_factory=dict)
    ends: Mapping[str, int] = field(default_factory=dict)


def fill(
    index: IndexRecord,
    collection: Collection,
    services: Services,
    *,
    on_progress: Report = unwatched,
) -> bool:
    """Write to this index all that answers searches and that it lacks, and note it; False where `on_progress` stopped
    it. Documents that are added, changed or deleted meanwhile are seen by the next turn; of those that never stop
    coming a few are left.

    Raises what opening its encoder does; Unavailable, also where live indexes lack what they are to hold.
    """
    encoder = open_encoder(index.space, index.fingerprint, services.encoders)
    services.index.create(index.index_name, index.dim)
    total = services.records.holdings.items_owed(collection.id, index.id, index.modalities)
    filling = Filling(index, collection, encoder, services, on_progress, total)
    passes = vain = 0
    while (left := _left(filling)) and (left > _FEW or passes < _PASSES):
        filling.noted = 0
        if not _pass(filling):
            return False
        passes += 1
        vain = 0 if filling.noted else vain + 1
        if vain == _VAIN_PASSES:
            raise Unavailable(
                f"the live index of collection {collection.name!r} lacks items that it is to hold; "
                "`samespace verify --repair` restores them"
            )
    return True


def _left(filling: Filling) -> int:
    """How many documents it lacks; beyond a few they are not counted."""
    page = filling.services.records.holdings.unnoted_page
    return len(page(filling.collection.id, filling.index.id, "", _FEW + 1))


def _pass(filling: Filling) -> bool:
    """Once through what it lacks."""
    with closing(read_ahead(_portions(filling), most=2)) as ahead:
        failed: dict[str, str] = {}
        cut: dict[str, list[int]] = {}
        for portion in ahead:
            began = time.monotonic()
            failed |= portion.failed
            failed |= _write(portion, filling, cut)
            if portion.ends:
                _note(portion.ends, failed, cut, filling)
                failed, cut = {}, {}
            if not filling.go_on(len(portion.rows)):
                return False
            _give_way(time.monotonic() - began, filling)
    return True


def _portions(filling: Filling) -> Iterator[Portion]:
    """What it lacks, batch by batch, in the order of document ids."""
    holdings, after = filling.services.records.holdings, ""
    while batch := holdings.unnoted_page(
        filling.collection.id, filling.index.id, after, _DOCUMENTS
    ):
        items = holdings.items_of(list(batch), filling.index.modalities)
        some: dict[str, int] = {}
        count = 0
        for id, generation in batch.items():
            some[id], after = generation, id
            count += len(items.get(id, ()))
            if count >= _ITEMS:
                yield from _batch(some, items, filling)
                some, count = {}, 0
        if some:
            yield from _batch(some, items, filling)


def _batch(
    generations: Mapping[str, int], items: Mapping[str, Sequence[HeldItem]], filling: Filling
) -> Iterator[Portion]:
    """The portions of these documents: first what the cache knows, then what is to be encoded."""
    services = filling.services
    docs = services.records.documents.many(list(generations))
    wanted = [
        item
        for id, generation in generations.items()
        for item in items.get(id, ())
        if id in docs and docs[id].live_generation == generation == item.generation
    ]
    found = rows_again(wanted, filling.collection, docs, services)
    known = services.vectors.get(filling.index.fingerprint, [one.content_hash for one in wanted])
    cached = [row for row in found.rows if row.item.content_hash in known]
    yield Portion(cached, [piece_of(row) for row in cached], known, found.failed)
    fresh = [row for row in found.rows if row.item.content_hash not in known]
    for rows in _slices(fresh, services.settings.slice_items):
        yield _read(rows, docs, services)
    ends = {id: generation for id, generation in generations.items() if id not in found.absent}
    yield Portion(ends={id: generation for id, generation in ends.items() if id in docs})


def _slices(rows: Sequence[Row], size: int) -> Iterator[list[Row]]:
    some: list[Row] = []
    effort = 0.0
    for row in rows:
        some.append(row)
        effort += row_of(row.item.modality).share_of(row.item.text)
        if len(some) >= min(size, _ENCODED) or effort >= 1:
            yield some
            some, effort = [], 0.0
    if some:
        yield some


def _read(rows: Sequence[Row], docs: Mapping[str, Document], services: Services) -> Portion:
    """A portion whose pieces are to be encoded, with its pictures decoded."""
    decoded = [row for row in rows if row_of(row.item.modality).is_decoded]
    failed: dict[str, str] = {}
    pieces = [piece_of(row) for row in rows]
    if decoded:
        pictures = {}
        for id, got in read_again(decoded, docs, services):
            if isinstance(got, str):
                failed[id] = got
            else:
                pictures.update({(id, content_hash): one for content_hash, one in got.items()})
        pieces = [
            Piece(
                piece.item,
                pictures.get((piece.item.document_id, piece.item.content_hash), piece.content),
            )
            for piece in pieces
        ]
    there = [at for at, row in enumerate(rows) if row.item.document_id not in failed]
    return Portion([rows[at] for at in there], [pieces[at] for at in there], None, failed)


def _write(portion: Portion, filling: Filling, cut: dict[str, list[int]]) -> dict[str, str]:
    """Write a portion, and add to `cut` what the index knows only the beginning of; answers the documents that its
    model cannot take, and why. Unavailable."""
    if not portion.rows:
        return {}
    try:
        _write_whole(portion, filling, cut)
    except (
        Unavailable,
        NotFound,
        OSError,
    ) as error:  # a store does not do its work: no document is to blame
        raise Unavailable(str(error)) from error
    except Exception as error:
        by_document = _apart(portion)
        if len(by_document) > 1:
            return {
                id: reason
                for one in by_document
                for id, reason in _write(one, filling, cut).items()
            }
        id = portion.rows[0].item.document_id
        return {id: _reason(error, id)}
    return {}


def _reason(error: Exception, document_id: str) -> str:
    if isinstance(error, SamespaceError):
        return str(error)
    log.error("document %s fails under the new model", document_id, exc_info=error)
    return f"unexpected {type(error).__name__}: {error}"


def _apart(portion: Portion) -> list[Portion]:
    by_document: dict[str, list[int]] = {}
    for at, row in enumerate(portion.rows):
        by_document.setdefault(row.item.document_id, []).append(at)
    return [
        Portion(
            [portion.rows[at] for at in some], [portion.pieces[at] for at in some], portion.known
        )
        for some in by_document.values()
    ]


def _write_whole(portion: Portion, filling: Filling, cut: dict[str, list[int]]) -> None:
    services, encoder = filling.services, filling.encoder
    if portion.known is None:
        _hold(portion.pieces, services)
        vectors = vectors_of(portion.pieces, encoder, services.vectors)
    else:
        vectors = np.stack([portion.known[row.item.content_hash] for row in portion.rows])
    long = too_long(portion.pieces, encoder)
    services.index.upsert(filling.index.index_name, portion.rows, vectors)
    fault_point("build.written")
    for row in portion.rows:
        if row.item.key in long:
            cut.setdefault(row.item.document_id, []).append(row.item.position)
    take_back(portion.rows, filling.index, services)


def _hold(pieces: Sequence[Piece], services: Services) -> None:
    """Before anything of it is cached: should a document go meanwhile, its vectors are not forgotten."""
    contents: dict[str, list[Piece]] = {}
    for piece in pieces:
        contents.setdefault(piece.item.document_id, []).append(piece)
    services.records.garbage.note({id: contents_of(some) for id, some in contents.items()})


def take_back(rows: Sequence[Row], index: IndexRecord, services: Services) -> None:
    """What was deleted or replaced just before it was written stays gone."""
    docs = services.records.documents.many(list({row.item.document_id for row in rows}))
    gone = [
        row.item.key
        for row in rows
        if row.item.document_id not in docs
        or docs[row.item.document_id].live_generation != row.generation
    ]
    if gone:
        services.index.remove(index.index_name, gone)


def _note(
    ends: Mapping[str, int],
    failed: Mapping[str, str],
    cut: Mapping[str, Sequence[int]],
    filling: Filling,
) -> None:
    """Note what the index holds of these documents by now; of those that failed it holds nothing."""
    indexes, index = filling.services.records.indexes, filling.index
    held = {id: generation for id, generation in ends.items() if id not in failed}
    bad = [id for id in failed if id in ends]
    if bad:
        filling.services.index.delete(index.index_name, bad)
    for id in bad:
        indexes.note_failed(index.id, {id: ends[id]}, failed[id])
    if held:
        indexes.note(index.id, index.modalities, held, cut)
    filling.noted += len(held) + len(bad)
    fault_point("build.noted")


def _give_way(seconds: float, filling: Filling) -> None:
    """While documents wait or are worked on, rest twice as long as was worked."""
    until = time.monotonic() + min(2 * seconds, _LONGEST_WAIT)
    while time.monotonic() < until and _is_busy(filling.services):
        time.sleep(min(_LOOKS, max(0.0, until - time.monotonic())))


def _is_busy(services: Services) -> bool:
    return services.records.claims.is_any_owed()


def sweep_strays(
    index: IndexRecord, services: Services, go_on: Callable[[], bool] = lambda: True
) -> bool:
    """Take rows out of an index beside the live ones that a filling which died had just written and nobody holds; False
    where it is to stop."""
    if not services.index.exists(index.index_name):
        return True
    for rows, _ in services.index.scan(index.index_name):
        if not go_on():
            return False
        docs = services.records.documents.many(list({row.item.document_id for row in rows}))
        gone = [row.item.key for row in rows if _is_past(row, docs.get(row.item.document_id))]
        if gone:
            services.index.remove(index.index_name, gone)
    return True


def _is_past(row: Row, doc: Document | None) -> bool:
    """Whether the row can never answer: its document is gone, or was replaced."""
    return doc is None or row.generation < (doc.live_generation or 0)
