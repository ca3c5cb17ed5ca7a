"""The live table of a collection: its rows in parts, kept current by the writes themselves."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from samespace.store.lite.facets import Rows
from samespace.store.lite.pieces import (
    MOST_COLUMNS,
    Part,
    Piece,
    joined,
    part_of_write,
    piece_of_segment,
)


@dataclass(frozen=True, eq=False)
class Moment:
    """A collection as it was at one moment. Its rows, dead ones too, are numbered through the parts."""

    parts: tuple[Part, ...]

    @cached_property
    def starts(self) -> Rows:
        """The number of each part's first row."""
        return np.cumsum([0, *(len(part.piece) for part in self.parts)], dtype=np.intp)[:-1]

    @property
    def size(self) -> int:
        """How many rows there are."""
        return sum(len(part.piece) for part in self.parts)


class LiveTable:
    """What a read needs of a collection; `moment` is not touched by later writes.

    Whoever reads takes `moment` once and needs no lock. The parts of segments come first, then those of the
    writes since the last flush, of which the later are joined so that there are few. A write costs in proportion to
    its rows and the number of parts.
    """

    def __init__(self, segments: Iterable[Any], memtable: Any, deleted: Any, vector: str) -> None:
        """`deleted` is Milvus Lite's index of flushed deletions; nothing may be written meanwhile."""
        self._key: str = memtable.pk_name
        self._vector = vector
        self._lock = threading.Lock()
        pieces = [piece_of_segment(segment, vector) for segment in segments if segment.num_rows]
        parts = _alive_parts(pieces, deleted)
        written = [
            part_of_write(batch, self._key, vector)
            for batch in memtable._insert_batches
            if batch.num_rows
        ]
        live = {key: seq for key, (_, _, seq) in memtable._pk_index.items()}
        gone = [*live, *memtable._delete_index]
        self.moment = Moment(())
        self._keep([part.without(gone) for part in parts], [_only(part, live) for part in written])

    def insert(self, batch: Any) -> None:
        """Rows that were written, as Milvus Lite's log has them."""
        new = part_of_write(batch, self._key, self._vector)
        with self._lock:
            self._replace(new.piece.row_of, [new])

    def delete(self, keys: Sequence[Any]) -> None:
        """Keys that were deleted."""
        with self._lock:
            self._replace(keys, [])

    def reconcile(self, segments: Iterable[Any]) -> None:
        """The segments after a flush or a compaction: the same rows, lying elsewhere."""
        wanted = [segment for segment in segments if segment.num_rows]
        known = {id(part.piece.segment) for part in self.moment.parts}
        fresh = {
            id(segment): piece_of_segment(segment, self._vector)
            for segment in wanted
            if id(segment) not in known
        }
        asked_for = {at for part in self.moment.parts for at in part.piece.asked_for}
        for piece in fresh.values():
            # here and now, rather than while a question waits
            piece.columns(list(asked_for)[:MOST_COLUMNS])
        with self._lock:
            self._move([id(segment) for segment in wanted], fresh)

    def _move(self, wanted: Sequence[int], fresh: dict[int, Piece]) -> None:
        staying = {id(part.piece.segment): part for part in self.moment.parts if part.piece.segment}
        writes = [part for part in self.moment.parts if part.piece.segment is None]
        leaving = [part for name, part in staying.items() if name not in set(wanted)]
        alive = _all([part.piece.seqs[part.alive] for part in (*leaving, *writes)])
        for name, piece in fresh.items():
            staying[name] = Part.of(piece, np.isin(piece.seqs, alive))
        moved = _all([piece.seqs for piece in fresh.values()])
        left = [
            Part.of(part.piece, part.alive & ~np.isin(part.piece.seqs, moved)) for part in writes
        ]
        self._keep([staying[name] for name in wanted], left)

    def _replace(self, keys: Iterable[Any], new: Sequence[Part]) -> None:
        kept = [part.without(keys) for part in self.moment.parts]
        segments = [part for part in kept if part.piece.segment]
        self._keep(segments, [part for part in kept if not part.piece.segment] + list(new))

    def _keep(self, segments: Sequence[Part], writes: Iterable[Part]) -> None:
        """A smaller part is joined with the one before it, so that a row is copied as often as doubling takes."""
        few: list[Part] = []
        for part in writes:
            if not part.living:
                continue
            few.append(part)
            while len(few) > 1 and few[-2].living <= 2 * few[-1].living:
                few[-2:] = [joined(few[-2:])]
        self.moment = Moment((*segments, *few))


def _alive_parts(pieces: Sequence[Piece], deleted: Any) -> list[Part]:
    newest: dict[Any, int] = {}
    for piece in pieces:
        for key, seq in zip(piece.keys, piece.seqs.tolist(), strict=True):
            if newest.get(key, -1) < seq:
                newest[key] = seq
    for key, seq in deleted.snapshot.items():
        if newest.get(key, seq) < seq:
            newest[key] = -1
    return [
        Part.of(
            piece,
            np.fromiter((newest[key] for key in piece.keys), np.int64, len(piece))
            == piece.seqs.astype(np.int64),
        )
        for piece in pieces
    ]


def _only(part: Part, live: dict[Any, int]) -> Part:
    seqs = part.piece.seqs.tolist()
    alive = [live.get(key) == seq for key, seq in zip(part.piece.keys, seqs, strict=True)]
    return Part.of(part.piece, np.array(alive, bool))


def _all(arrays: Sequence[Any]) -> Any:
    return np.concatenate(arrays) if arrays else np.zeros(0, np.uint64)
