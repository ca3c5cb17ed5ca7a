"""Making and removing collections."""

import secrets
from contextlib import suppress

from samespace.core.errors import Conflict, NotFound, SamespaceError
from samespace.core.faults import fault_point
from samespace.encoders.load import Encoders
from samespace.encoders.spaces import spaces_of
from samespace.store.index import Index
from samespace.store.index_kinds import KINDS, kind_of
from samespace.store.records import Collection, ModelRecord, Records
from samespace.store.records.models import model_of


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
    models = models_of(preset, encoders)
    kinds = [kind for kind, row in KINDS.items() if row.in_new_collections]
    begun = records.collections.begin(id, preset, models, kinds)
    try:
        for one in begun.indexes:
            kind_of(one, records, index).create(one)
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


def models_of(preset: str, encoders: Encoders) -> list[ModelRecord]:
    """The models that a name stands for, loaded, with their fingerprints; InvalidRequest, Unavailable."""
    return [model_of(space, encoders.get(space).fingerprint) for space in spaces_of(preset)]
