"""Parts of a query to one unit vector for each space."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samespace.core.errors import InvalidRequest, NotFound, Unavailable, Unsupported
from samespace.core.modalities import MODALITIES, row_of
from samespace.core.types import Modality
from samespace.encoders.contents import as_query
from samespace.store.records import Collection
from search.documents import is_live, live_documents
from search.parts import ItemPart, Part, TextPart
from search.searcher import Searcher
from search.spaces import OpenSpace, open_space
from search.trace import Trace

Vector = NDArray[np.float32]

# Below this length a sum of unit vectors is rounding error, and its direction means nothing.
_SHORTEST = 1e-5


@dataclass(frozen=True, slots=True)
class QueryVector:
    """The query as one space sees it: a unit vector, shape (dim,).

    `share` is the share of weight the space took, 0 to 1; `modality` that of the heaviest part it took.
    """

    space: OpenSpace
    vector: Vector
    share: float
    modality: Modality


@dataclass(frozen=True, slots=True)
class _Taken:
    """A part as one space sees it."""

    vector: Vector
    modality: Modality


def embed_parts(
    parts: Sequence[Part], collection: Collection, searcher: Searcher, trace: Trace
) -> list[QueryVector]:
    """The query in every space that takes some of it.

    Parts are summed as weighted unit vectors and brought back to unit length, so that a negative weight
    turns the query away from its part (Rocchio 1971, on unit vectors).
    Raises NotFound for an unknown item, Unsupported for a part that no space takes, InvalidRequest where
    parts cancel out, Unavailable where no space answers.
    """
    answered: list[tuple[OpenSpace, dict[int, _Taken]]] = []
    for record in collection.spaces:
        with trace.within(record.name):
            with trace.encoding():
                space = open_space(record, searcher.encoders)
                taken = _encode(parts, space)
            taken |= _stored(parts, space, searcher, trace)
            answered.append((space, taken))
    trace.require(answered)
    if not trace.gaps:
        _check_all_taken(parts, [taken for _, taken in answered], collection)
    vectors: list[QueryVector] = []
    for space, taken in answered:
        if taken:
            with trace.within(space.record.name):
                vectors.append(_combine(parts, space, taken))
    trace.require(vectors)
    return vectors


def _encode(parts: Sequence[Part], space: OpenSpace) -> dict[int, _Taken]:
    """Vectors of what was brought along and this space takes, by place; one batch of each modality."""
    within = space.encoder.space
    contents = {
        i: as_query(part.content, within)
        for modality in MODALITIES
        for i, part in enumerate(parts)
        if not isinstance(part, ItemPart) and part.content.modality == modality
        if modality in within.modalities
    }
    if not contents:
        return {}
    rows = space.encoder.encode(list(contents.values()), interactive=True)
    return {
        i: _Taken(row, content.modality)
        for (i, content), row in zip(contents.items(), rows, strict=True)
    }


def _stored(
    parts: Sequence[Part], space: OpenSpace, searcher: Searcher, trace: Trace
) -> dict[int, _Taken]:
    """Vectors of the stored items, by place; items of documents that are gone count as gone."""
    keys = list(dict.fromkeys(part.key for part in parts if isinstance(part, ItemPart)))
    if not keys:
        return {}
    with trace.indexing():
        rows, vectors = searcher.index.get(space.record.index_name, keys)
    live = live_documents(searcher.records, rows)
    found = {
        row.item.key: _Taken(vector, row.item.modality)
        for row, vector in zip(rows, vectors, strict=True)
        if is_live(row, live)
    }
    return {
        i: found[part.key]
        for i, part in enumerate(parts)
        if isinstance(part, ItemPart) and part.key in found
    }


def _check_all_taken(
    parts: Sequence[Part], taken: Sequence[dict[int, _Taken]], collection: Collection
) -> None:
    for i, part in enumerate(parts):
        if any(i in some for some in taken):
            continue
        if isinstance(part, ItemPart):
            raise NotFound(f"there is no item {part.key!r} in collection {collection.name!r}")
        kind = "text" if isinstance(part, TextPart) else row_of(part.content.modality).plural
        raise Unsupported(f"no space of collection {collection.name!r} takes {kind}")


def _combine(parts: Sequence[Part], space: OpenSpace, taken: dict[int, _Taken]) -> QueryVector:
    heaviest = max(abs(part.weight) for part in parts)
    weights = np.array([parts[i].weight / heaviest for i in taken])
    summed = weights @ np.array([part.vector for part in taken.values()], dtype=np.float64)
    length = float(np.linalg.norm(summed))
    if not math.isfinite(length):
        raise Unavailable("its encoder made a vector that is not finite")
    if length < _SHORTEST:
        raise InvalidRequest("the parts of the query cancel each other out")
    share = np.abs(weights).sum() / sum(abs(part.weight / heaviest) for part in parts)
    leading = taken[max(taken, key=lambda i: abs(parts[i].weight))]
    return QueryVector(space, (summed / length).astype(np.float32), float(share), leading.modality)
