"""Making and removing collections."""

import secrets
from contextlib import suppress

from samespace.core.errors import Conflict, NotFound, SamespaceError
from samespace.core.faults import fault_point
from samespace.core.types import Space
from samespace.encoders.load import Encoders
from samespace.encoders.presets import spaces_of
from samespace.store.index import Index
from samespace.store.records import Collection, Records, SpaceRecord


def create_collection(
    name: str, preset: str, *, records: Records, index: Index, encoders: Encoders
) -> Collection:
    """A new collection embedded in the spaces of a preset, with the fingerprints of their encoders;
    InvalidRequest for a bad name or preset, Conflict if the name is taken.

    It is on record before anything is made in the index, so that the reconciler finds what a death here leaves,
    and can be found only afterwards.
    """
    _check_free(name, records)
    id = secrets.token_hex(16)
    spaces = [_space_record(id, space, encoders) for space in spaces_of(preset)]
    records.collections.begin(id, preset, spaces)
    try:
        for space in spaces:
            index.create(space.index_name, space.dim)
        fault_point("collection.indexed")
        return records.collections.open(id, name)
    except SamespaceError:
        records.collections.mark_deleted(id)
        raise


def _check_free(name: str, records: Records) -> None:
    """Before anything is made in vain; whether it is free still is seen at the end."""
    with suppress(NotFound):
        records.collections.find(name)
        raise Conflict(f"collection {name!r} exists already")


def _space_record(collection_id: str, space: Space, encoders: Encoders) -> SpaceRecord:
    encoder = encoders.get(space)
    return SpaceRecord(
        name=space.name,
        fingerprint=encoder.fingerprint,
        dim=encoder.space.dim,
        index_name=f"c_{collection_id}_{space.name.replace('-', '_')}",
        modalities=tuple(sorted(space.modalities)),
    )
