"""Rows that lie together and never change, and which of them are alive."""

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from samespace.core.types import Vectors
from samespace.store.lite.facets import Bools, Column, Path, Rows, read_columns

SEQ = "_seq"
MOST_COLUMNS = 64
"""Of a piece so many paths are kept, 16 bytes or a text for each row that has something there."""

At: TypeAlias = tuple[str, Path]
"""A JSON column and a path in it."""

_INNER = {SEQ, "_partition"}


@dataclass(eq=False)
class Piece:
    """The rows of one segment of Milvus Lite, or of some writes since the last flush; nothing of a segment is copied.

    `batch` has the columns without the vectors, `keys` are the primary keys, `row_of` finds the last row of one,
    `seqs` are the numbers that tell versions apart: no two rows of a collection have the same.
    """

    batch: Any
    vectors: Vectors
    seqs: NDArray[np.uint64]
    keys: Sequence[Any]
    row_of: Mapping[Any, int]
    segment: Any = None
    _columns: dict[At, Column] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __len__(self) -> int:
        return len(self.seqs)

    def columns(self, wanted: Collection[At]) -> dict[At, Column]:
        """What lies under these paths; a JSON column is gone through once for all that were not asked for lately."""
        with self._lock:
            missing = [each for each in wanted if each not in self._columns]
            for name in {name for name, _ in missing}:
                paths = [path for one, path in missing if one == name]
                found = read_columns(self.batch.column(name).to_pylist(), paths)
                self._columns |= {(name, path): column for path, column in found.items()}
            answer = {each: self._columns[each] for each in wanted}
            # the ones asked for last stay
            others = {each: self._columns[each] for each in self._columns if each not in answer}
            self._columns = dict([*others.items(), *answer.items()][-MOST_COLUMNS:])
            return answer

    @property
    def asked_for(self) -> list[At]:
        """The paths that were asked for lately."""
        return list(self._columns)

    @cached_property
    def in_order(self) -> Rows:
        """The rows in the order of their keys."""
        return np.array(sorted(range(len(self)), key=self.keys.__getitem__), np.intp)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece, and which of its rows are the newest of their keys and not deleted, at one moment."""

    piece: Piece
    alive: Bools
    living: int

    @classmethod
    def of(cls, piece: Piece, alive: Bools) -> "Part":
        """The part in which these are alive."""
        return cls(piece, alive, int(np.count_nonzero(alive)))

    def without(self, keys: Iterable[Any]) -> "Part":
        """The part after rows of these keys were written anew elsewhere or deleted."""
        row_of = self.piece.row_of
        dead = [row for key in keys if (row := row_of.get(key)) is not None and self.alive[row]]
        if not dead:
            return self
        alive = self.alive.copy()
        alive[dead] = False
        return Part(self.piece, alive, self.living - len(set(dead)))


def piece_of_segment(segment: Any, vector: str) -> Piece:
    """The rows of a segment that Milvus Lite keeps in memory."""
    names = [name for name in segment.table.column_names if name not in {vector, SEQ}]
    batches = segment.table.select(names).combine_chunks().to_batches()
    return Piece(batches[0], segment.vectors, segment.seqs, segment.pks, segment.pk_to_row, segment)


def part_of_write(batch: Any, key: str, vector: str) -> Part:
    """The rows of one write, of which the last of a key is alive."""
    flat = batch.column(vector).flatten().to_numpy(zero_copy_only=False)
    names = [name for name in batch.schema.names if name not in {vector, *_INNER}]
    keys = batch.column(key).to_pylist()
    row_of = {each: row for row, each in enumerate(keys)}
    piece = Piece(
        batch.select(names),
        flat.reshape(len(keys), -1),
        batch.column(SEQ).to_numpy(zero_copy_only=False),
        keys,
        row_of,
    )
    alive = np.zeros(len(keys), bool)
    alive[list(row_of.values())] = True
    return Part.of(piece, alive)


def joined(parts: Sequence[Part]) -> Part:
    """One part with the living rows of all of these."""
    rows = [np.flatnonzero(part.alive) for part in parts]
    pieces = [part.piece for part in parts]
    batches = [piece.batch.take(pa.array(some)) for piece, some in zip(pieces, rows, strict=True)]
    keys = [
        piece.keys[row] for piece, some in zip(pieces, rows, strict=True) for row in some.tolist()
    ]
    piece = Piece(
        pa.concat_batches(batches),
        np.concatenate([piece.vectors[some] for piece, some in zip(pieces, rows, strict=True)]),
        np.concatenate([piece.seqs[some] for piece, some in zip(pieces, rows, strict=True)]),
        keys,
        {key: row for row, key in enumerate(keys)},
    )
    return Part.of(piece, np.ones(len(keys), bool))
