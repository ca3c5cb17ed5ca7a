"""Making and removing collections."""

import secrets

from samespace.core.errors import Conflict
from samespace.core.types import Space
from samespace.encoders.load import Encoders
from samespace.encoders.presets import spaces_of
from samespace.store.index import Index
from samespace.store.records import Collection, Records, SpaceRecord
from samespace.store.records.collections import check_name


def create_collection(
    name: str, preset: str, *, records: Records, index: Index, encoders: Encoders
) -> Collection:
    """A new collection embedded in the spaces of a preset, with the fingerprints of their encoders;
    InvalidRequest for a bad name or preset, Conflict if the name is taken."""
    check_name(name)
    id = secrets.token_hex(16)
    spaces = [_space_record(id, space, encoders) for space in spaces_of(preset)]
    # The index first: a collection that is on record can be searched.
    for space in spaces:
        index.create(space.index_name, space.dim)
    try:
        return records.collections.create(id, name, preset, spaces)
    except Conflict:
        for space in spaces:
            index.drop(space.index_name)
        raise


def _space_record(collection_id: str, space: Space, encoders: Encoders) -> SpaceRecord:
    encoder = encoders.get(space)
    return SpaceRecord(
        name=space.name,
        fingerprint=encoder.fingerprint,
        dim=encoder.space.dim,
        index_name=f"c_{collection_id}_{space.name.replace('-', '_')}",
        modalities=tuple(sorted(space.modalities)),
    )
