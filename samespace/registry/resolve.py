"""The spaces that a name stands for: of a model in the registry, of a preset, or of a model named by its source."""

from collections.abc import Iterable

from samespace.core.types import Space
from samespace.encoders.load import Encoders
from samespace.encoders.opening import open_encoder, spaces_once
from samespace.encoders.spaces import spaces_of
from samespace.store.records import ModelRecord, Records
from samespace.store.records.models import model_of


def registered(name: str, records: Records) -> ModelRecord | None:
    """The model in the registry of that name; None for any other name."""
    found = None if ":" in name else records.registry.find(name)
    return found.model if found else None


def called(spaces: Iterable[Space], records: Records) -> list[str]:
    """What people call the model of each space: its name in the registry, or else its source."""
    names = {one.model.space.model: one.name for one in records.registry.all()}
    return [names.get(space.model, space.model) for space in spaces]


def spaces_for(name: str, records: Records) -> tuple[Space, ...]:
    """The spaces of a name; one in the registry goes before a preset that a later release calls the same.

    Raises as `samespace.encoders.spaces.spaces_of`.
    """
    found = registered(name, records)
    return (found.space,) if found else spaces_of(name)


def models_of(name: str, records: Records, encoders: Encoders) -> list[ModelRecord]:
    """The models that a name stands for, with their fingerprints; raises as `spaces_for`, and Unavailable.

    One in the registry has to make what it made when it was added: FingerprintMismatch.
    """
    found = registered(name, records)
    if found is None:
        return [model_of(space, encoders.get(space).fingerprint) for space in spaces_of(name)]
    open_encoder(found.space, found.fingerprint, encoders)
    return [found]


def spaces_known(name: str, records: Records) -> tuple[Space, ...]:
    """The same, for who asks often: a custom model is loaded but once to describe it."""
    found = registered(name, records)
    return (found.space,) if found else spaces_once(name)
