"""The points of a map: one row each, packed for the records and laid out in columns for the wire."""

import zlib
from collections.abc import Iterable, Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from samespace.core.modalities import MODALITIES
from samespace.core.types import Row

Points: TypeAlias = NDArray[np.void]
"""Rows of POINT, shape (n,)."""

POINT = np.dtype(
    [
        ("x", "<f4"),
        ("y", "<f4"),
        ("item", "V16"),
        ("document", "V16"),
        ("generation", "<u4"),
        ("modality", "u1"),
    ]
)
"""A place in 0..1 by 0..1, and what stands there; ids are 32 hexadecimal digits, so 16 bytes."""

_COLUMNS = ("x", "y", "item", "document", "modality")
_ALIGNED = 8


def points_of(rows: Iterable[Row]) -> Points:
    """The rows of an index as points that have no place yet."""
    numbers = {modality: number for number, modality in enumerate(MODALITIES)}
    return np.array(
        [
            (
                np.nan,
                np.nan,
                bytes.fromhex(row.item.key),
                bytes.fromhex(row.item.document_id),
                row.generation,
                numbers[row.item.modality],
            )
            for row in rows
        ],
        POINT,
    )


def pack(points: Points) -> bytes:
    """The points as bytes; ids are random, so that trying hard to make them smaller is in vain."""
    return zlib.compress(points.tobytes(), level=1)


def unpack(packed: bytes) -> Points:
    """The points that were packed."""
    return np.frombuffer(zlib.decompress(packed), POINT)


def ids_of(column: NDArray[np.void]) -> list[str]:
    """A column of ids as text."""
    text = column.tobytes().hex()
    return [text[start : start + 32] for start in range(0, len(text), 32)]


def only_live(points: Points, generations: Mapping[str, int]) -> Points:
    """The points of the versions of documents that answer searches, these by document."""
    live = np.array([generations.get(id, -1) for id in ids_of(points["document"])], np.int64)
    mine: Points = points[points["generation"] == live]
    return mine


def within(points: Points, area: tuple[float, float, float, float]) -> Points:
    """The points of a rectangle x0, y0, x1, y1, its borders included."""
    x0, y0, x1, y1 = area
    x, y = points["x"].astype(np.float64), points["y"].astype(np.float64)
    inside: Points = points[(x0 <= x) & (x <= x1) & (y0 <= y) & (y <= y1)]
    return inside


def to_wire(points: Points, header: bytes) -> bytes:
    """The length of the header as uint32, the header, padded with spaces to a multiple of 8, and the columns.

    float32 x, float32 y, 16 bytes item, 16 bytes document, uint8 modality, its number in
    the registry; little endian.
    """
    padded = header + b" " * (-(4 + len(header)) % _ALIGNED)
    columns = (np.ascontiguousarray(points[name]).tobytes() for name in _COLUMNS)
    return len(padded).to_bytes(4, "little") + padded + b"".join(columns)
