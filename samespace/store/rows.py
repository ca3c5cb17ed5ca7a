"""What every index asks of rows and vectors before it keeps them."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from samespace.core.errors import BadVector
from samespace.core.types import Item, Row, Vectors
from samespace.store.facets import to_json

MAX_TEXT_BYTES = 65_535
SCHEMA_VERSION = 1
"""Of what an index keeps of a row: raise it with the columns, and indexes of before are made again."""
ROWS_VERSION = 2
"""Of what a row says beside its columns, for filters: raise it, and workers write the rows of before anew where they
stand. 2: texts folded, dates as times, numbers past 2^53, keys of any kind, the document's name and time."""
UNIT_TOLERANCE = 1e-3


class OfItem(Protocol):
    """Whatever stands for an item: a row, or what is embedded for it."""

    @property
    def item(self) -> Item:
        """The item."""


def check_vectors(rows: Sequence[OfItem], vectors: Vectors, dim: int) -> Vectors:
    """The vectors as float32; BadVector unless they are (len(rows), dim), finite and of unit length (1e-3)."""
    checked = np.asarray(vectors, dtype=np.float32)
    if checked.shape != (len(rows), dim):
        raise BadVector(f"vectors of shape {checked.shape} for {len(rows)} rows of dimension {dim}")
    lengths = np.linalg.norm(checked, axis=1)
    bad = np.flatnonzero(~(np.abs(lengths - 1.0) <= UNIT_TOLERANCE))
    if bad.size:
        first = int(bad[0])
        raise BadVector(f"vector of item {rows[first].item.key} has length {lengths[first]}, not 1")
    return checked


def storable(row: Row) -> Row:
    """The row as it will be read back: text cut to 65,535 bytes between characters, metadata plain JSON."""
    text = row.item.text.encode()[:MAX_TEXT_BYTES].decode(errors="ignore")
    metadata = json.loads(to_json(dict(row.metadata)))
    return replace(row, item=replace(row.item, text=text), metadata=metadata)
