"""Rows and vectors for the tests of the index."""

import hashlib
from typing import Any

import numpy as np

from samespace.core.types import TEXT, Item, Place, Row, Vectors


def key_of(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()[:32]


def make_row(number: int, **changes: Any) -> Row:
    """Row number `number`; `changes` go to the item or the row, whichever has the field."""
    row: dict[str, Any] = {
        "generation": 1,
        "media_type": "text/plain",
        "metadata": {"number": number},
        "name": "",
        "added": None,
    }
    item = {
        "key": key_of(number),
        "document_id": f"document-{number // 4}",
        "modality": TEXT,
        "position": number % 4,
        "content_hash": key_of(-number),
        "text": f"passage {number}",
        "place": Place(page=1, start=0, end=9),
    }
    for name, value in changes.items():
        (row if name in row else item)[name] = value
    return Row(item=Item(**item), **row)  # type: ignore[arg-type]


def make_vectors(count: int, dim: int = 8, seed: int = 0) -> Vectors:
    """Random unit rows."""
    return unit(np.random.default_rng(seed).normal(size=(count, dim)))


def make_clusters(count: int, dim: int, centres: int, seed: int = 0) -> Vectors:
    """Unit rows around some centres, as embeddings lie."""
    random = np.random.default_rng(seed)
    middle = random.normal(size=(centres, dim))
    near = middle[random.integers(0, centres, count)]
    return unit(near + 0.7 * random.normal(size=(count, dim)))


def unit(vectors: Any) -> Vectors:
    scaled = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(scaled, dtype=np.float32)
