"""The items of a collection: each stands in every index that is to hold it exactly once, undamaged."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from samespace.core.errors import NotFound, SamespaceError
from samespace.core.types import Row, State
from samespace.encoders.opening import open_encoder
from samespace.operations.verify.by_keys import check_by_keys
from samespace.operations.verify.notes import check_notes
from samespace.operations.verify.orphans import check_orphans
from samespace.operations.verify.place import Place
from samespace.operations.verify.report import Kind
from samespace.operations.verify.rewrite import names_of, still_live
from samespace.operations.verify.run import Run
from samespace.store.index import Index
from samespace.store.merge import merged
from samespace.store.records import Collection, IndexRecord, LiveItem
from samespace.store.rows import UNIT_TOLERANCE
from samespace.store.vectors import Vector

LEAST_COSINE = 0.99
"""Of a row's vector and the cached one; equal contents encoded in other batches and precisions stay above."""

UNKNOWN_PRECISION = "unknown"


@dataclass(frozen=True, slots=True)
class _Found:
    row: Row
    vector: Vector


def check_collection(collection: Collection, run: Run) -> None:
    """Check each index; nothing is said of a collection that is deleted meanwhile."""
    run.ledger.collections += 1
    matching = [_encoder_matches(collection, space, run) for space in collection.spaces]
    try:
        for index in collection.indexes:
            place = Place(collection, index, all(matching), run)
            (_check_index if index.model else check_by_keys)(place)
    except NotFound:
        if _is_on_record(collection, run):
            raise


def _encoder_matches(collection: Collection, space: IndexRecord, run: Run) -> bool:
    try:
        open_encoder(space.space, space.fingerprint, run.services.encoders)
    except SamespaceError as error:
        run.ledger.note(
            Kind.FINGERPRINT, [str(error)], collection=collection.name, space=space.name
        )
        return False
    return True


def _check_index(place: Place) -> None:
    """Read the records and the index side by side, by key."""
    run, space = place.run, place.space
    check_notes(place, space.modalities)
    wanted = place.wanted(space.modalities)
    found = _rows(space, run) if _index_is_there(place) else iter(())
    pairs = merged(wanted, found, lambda item: item.key, lambda one: one.row.item.key)
    for some in run.batches(pairs, "items"):
        run.ledger.items += sum(item is not None for item, _ in some)
        check_orphans([one.row for item, one in some if one and item is None], place)
        _check_missing([item for item, one in some if item and one is None], place)
        _check_vectors([(item, one) for item, one in some if item and one], place)


def _index_is_there(place: Place) -> bool:
    """Whether the index can be read: there, of the right dimension and columns; a repair makes it, empty."""
    fault = _fault_of_index(place.run.services.index, place.space)
    if fault is None:
        return True
    if place.holds_nothing or not _is_on_record(place.collection, place.run):
        return False
    place.note(Kind.INDEX, [f"{place.space.index_name} {fault}"], place.run.repair)
    if place.run.repair:
        _make_index(place)
    return place.run.repair


def _fault_of_index(index: Index, space: IndexRecord) -> str | None:
    if not index.exists(space.index_name):
        return "is not there"
    dim = index.dim(space.index_name)
    if dim != space.dim:
        return f"has dimension {dim}, not {space.dim}"
    return None if index.is_current(space.index_name) else "has the columns of another release"


def _make_index(place: Place) -> None:
    index, space = place.run.services.index, place.space
    index.drop(space.index_name)
    index.create(space.index_name, space.dim)
    if not _is_on_record(place.collection, place.run):
        # Its deletion dropped the index just before we made it again.
        index.drop(space.index_name)


def _is_on_record(collection: Collection, run: Run) -> bool:
    return collection.id in {one.id for one in run.services.records.collections.all(State.READY)}


def _rows(space: IndexRecord, run: Run) -> Iterator[_Found]:
    for rows, vectors in run.services.index.scan(space.index_name):
        for row, vector in zip(rows, vectors, strict=True):
            yield _Found(row, vector)


def _check_missing(items: Sequence[LiveItem], place: Place) -> None:
    """Items without a row: looked for again, and only then in the records, which may have moved on."""
    index, name = place.run.services.index, place.space.index_name
    if items and index.exists(name) and index.dim(name) == place.space.dim:
        present = {row.item.key for row in index.get(name, [item.key for item in items])[0]}
        items = [item for item in items if item.key not in present]
    missing = still_live(items, place.run)
    _drop_damaged(place, _cached(missing, place))
    place.note(Kind.MISSING, names_of(missing), place.rewrite(missing))


def _check_vectors(pairs: Sequence[tuple[LiveItem, _Found]], place: Place) -> None:
    """Rows against what they should be, and the vector cache against the rows."""
    cached = _cached([item for item, _ in pairs], place)
    dropped = _drop_damaged(place, cached)
    damaged: list[LiveItem] = []
    uncached: list[tuple[LiveItem, _Found]] = []
    for item, one in pairs:
        vector = cached.get(item.content_hash)
        if not _is_sound(item, one, vector, place.space.dim):
            damaged.append(item)
        elif vector is None:
            uncached.append((item, one))
    _restore(uncached, dropped, place)
    damaged = still_live(damaged, place.run)
    place.note(Kind.DAMAGED, names_of(damaged), place.rewrite(damaged))


def _is_sound(item: LiveItem, one: _Found, cached: Vector | None, dim: int) -> bool:
    row = one.row
    stands_for = (row.item.document_id, row.generation, row.item.content_hash)
    if stands_for != (item.document_id, item.generation, item.content_hash):
        return False
    if not _is_unit(one.vector, dim):
        return False
    return cached is None or float(one.vector @ cached) >= LEAST_COSINE


def _is_unit(vector: Vector, dim: int) -> bool:
    # The comparison is false for a length that is not a number.
    length = float(np.linalg.norm(vector))
    return vector.shape == (dim,) and abs(length - 1.0) <= UNIT_TOLERANCE


def _cached(items: Sequence[LiveItem], place: Place) -> dict[str, Vector]:
    hashes = list({item.content_hash for item in items})
    return place.run.services.vectors.get(place.space.fingerprint, hashes)


def _drop_damaged(place: Place, cached: dict[str, Vector]) -> set[str]:
    """Take damaged vectors out of what was found in the cache, and with a repair out of the cache itself."""
    damaged = {
        content for content, vector in cached.items() if not _is_unit(vector, place.space.dim)
    }
    for content in damaged:
        del cached[content]
    repair = place.run.repair and bool(damaged)
    if repair:
        place.run.services.vectors.drop(place.space.fingerprint, damaged)
    place.note(Kind.DAMAGED_VECTOR, sorted(damaged), len(damaged) if repair else 0)
    return damaged


def _restore(pairs: Sequence[tuple[LiveItem, _Found]], dropped: set[str], place: Place) -> None:
    """Put sound vectors of the index back into the cache; those it held damaged are on the list already."""
    live = {item.key for item in still_live([item for item, _ in pairs], place.run)}
    vectors = {item.content_hash: one.vector for item, one in pairs if item.key in live}
    known = _cached([item for item, _ in pairs], place)
    lacking = sorted(vectors.keys() - dropped - known.keys())
    if place.run.repair:
        place.run.services.vectors.put(place.space.fingerprint, vectors, UNKNOWN_PRECISION)
    place.note(Kind.UNCACHED, lacking, len(lacking) if place.run.repair else 0)
