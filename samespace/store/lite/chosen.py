"""Some rows of a moment, and what is in them."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from samespace.store.lite.facets import Rows
from samespace.store.lite.pieces import Part
from samespace.store.lite.scores import Floats
from samespace.store.lite.table import Moment


class Chosen:
    """Rows by their numbers in a moment, in some order."""

    def __init__(self, moment: Moment, rows: Rows) -> None:
        self._moment = moment
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, which: "slice | Sequence[int]") -> "Chosen":
        return Chosen(self._moment, self._rows[which])

    def keys(self) -> list[Any]:
        """Their keys."""
        parts, at = self._moment.parts, self._part_of
        local = self._rows - self._moment.starts[at] if len(at) else at
        pairs = zip(at.tolist(), local.tolist(), strict=True)
        return [parts[part].piece.keys[row] for part, row in pairs]

    def vectors(self) -> Floats:
        """Their vectors, one under the other."""
        found = [part.piece.vectors[rows] for part, rows in self._by_part]
        if not found:
            return np.zeros((0, 0), np.float32)
        together: Floats = np.concatenate(found)
        return together if len(found) == 1 else together[self._places]

    def products(self, question: NDArray[np.float64]) -> NDArray[np.float64]:
        """Their inner products with it."""
        found = [part.piece.vectors[rows] @ question for part, rows in self._by_part]
        together: NDArray[np.float64] = np.concatenate(found)
        return together if len(found) == 1 else together[self._places]

    def columns(self, names: Sequence[str]) -> dict[str, Any]:
        """The named columns, vectors excepted, as Arrow arrays."""
        some = [part.piece.batch.select(names).take(pa.array(rows)) for part, rows in self._by_part]
        if not some:
            return {name: pa.nulls(0) for name in names}
        if len(some) == 1:
            return {name: some[0].column(name) for name in names}
        return {
            name: pa.concat_arrays([each.column(name) for each in some]).take(self._arrow_places)
            for name in names
        }

    @cached_property
    def _part_of(self) -> Rows:
        found: Rows = np.searchsorted(self._moment.starts, self._rows, side="right") - 1
        return found

    @cached_property
    def _by_part(self) -> list[tuple[Part, Rows]]:
        """The parts that have some of the rows, with their own numbers of these."""
        parts, starts, at = self._moment.parts, self._moment.starts, self._part_of
        return [(parts[each], self._rows[at == each] - starts[each]) for each in np.unique(at)]

    @cached_property
    def _places(self) -> Rows:
        """Where each row is when they lie by part; of one part, where it is."""
        places = np.empty(len(self._rows), np.intp)
        places[np.argsort(self._part_of, kind="stable")] = np.arange(len(self._rows))
        return places

    @cached_property
    def _arrow_places(self) -> Any:
        return pa.array(self._places)


def together(some: Sequence[Chosen]) -> Chosen:
    """Rows of one moment, one after the other."""
    return Chosen(some[0]._moment, np.concatenate([each._rows for each in some]))
