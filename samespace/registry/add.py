"""Adding a model: looked at, copied, tried, packed, put on record; refused before anything of it is on record."""

import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from samespace.core.errors import Conflict, InvalidRequest
from samespace.core.types import PACKED, Space
from samespace.encoders import starter
from samespace.encoders.presets import PRESETS
from samespace.encoders.spaces import spaces_of
from samespace.registry.card import Card, licence_of, read_card
from samespace.registry.pack import copied, keep_here, packed, put_on_record, store
from samespace.registry.source import ONNX, Source, local_name, understand
from samespace.registry.trial import try_folder, try_out
from samespace.services import Services
from samespace.store.records import Origin, Records, RegisteredModel
from samespace.store.records.models import model_of
from samespace.store.records.registry import check_model_name


@dataclass(frozen=True, slots=True)
class Added:
    """A model that was added, and what of its folder was left out."""

    model: RegisteredModel
    left_out: tuple[str, ...]


def add_model(
    said: str, services: Services, *, name: str | None = None, licence: str | None = None
) -> Added:
    """Take in the model of a folder, of a hub, or the starter, under a name.

    InvalidRequest, with the reason, for a source that is no model, weights that may hold code, a licence that nobody
    says, a model that does not work; Conflict if the name is taken or the weights are there already; Unavailable,
    OutOfSpace if a hub or a store does not do its part.
    """
    if name is not None:
        check_free(name, services.records)
    source = understand(said, services.settings.models)
    wanted = name or source.name
    check_free(wanted, services.records)
    licensed = _licence(source, licence)
    if source.folder is None:
        return Added(_add_from_hub(source, wanted, licensed, services), ())
    return _add_folder(source, wanted, licensed, services)


def check_free(name: str, records: Records) -> None:
    """InvalidRequest for what is no name, Conflict if it is that of a model or of a preset."""
    check_model_name(name)
    if name in PRESETS:
        raise Conflict(f"{name!r} is the name of a preset; give the model another one with --name")
    if records.registry.find(name):
        raise Conflict(f"there is a model {name!r} already")


def _licence(source: Source, said: str | None) -> str:
    """Said, or found; nobody may use what nobody licensed."""
    if said is not None and said.strip():
        return said.strip()
    if source.origin is Origin.PRESET:
        return "Apache-2.0"
    found = _found_licence(source)
    if found is None:
        raise InvalidRequest(
            f"nothing says under which licence {source.said} may be used: there is no file LICENSE, and no card "
            "(README.md) that names one; say it with --licence (such as MIT, or own)"
        )
    return found


def _found_licence(source: Source) -> str | None:
    if source.folder is None:
        from samespace.registry.hub import licence_on_hub

        return licence_on_hub(source.preset)
    card = read_card(source.folder)
    return (card and card.licence) or licence_of(source.folder)


def _add_from_hub(source: Source, name: str, licence: str, services: Services) -> RegisteredModel:
    """Not packed: each machine has it from the hub, and the fingerprint says that it is the same."""
    (space,) = spaces_of(source.preset)
    model = model_of(space, try_out(name, space, services.settings))
    made = RegisteredModel(
        name=name,
        model=model,
        origin=source.origin,
        source=source.said,
        manifest=None,
        files={},
        bytes=0,
        licence=licence,
        card=Card().model_dump(),
        created_at=time.time(),
    )
    services.records.registry.add(made, lambda _: True)
    return made


def _add_folder(source: Source, name: str, licence: str, services: Services) -> Added:
    card = read_card(source.home) or Card()
    models, is_onnx = services.settings.models, source.preset.startswith(f"{ONNX}:")
    with copied(source.home, models, as_onnx=is_onnx) as (copy, left_out):
        tried, fingerprint = try_folder(
            name, partial(_space_at, copy, source), copy, services.settings
        )
        if known := services.records.registry.with_fingerprint(fingerprint):
            raise Conflict(f"the same weights are there already, as model {known.name!r}")
        manifest = keep_here(copy, models)
    store(manifest, services)
    made = packed(
        name,
        model_of(replace(tried, model=PACKED + manifest.hash), fingerprint),
        manifest,
        origin=Origin.TRAINED if card.method else source.origin,
        source=source.said,
        licence=licence,
        card=card,
    )
    put_on_record(made, services)
    return Added(made, left_out)


def _space_at(copy: Path, source: Source) -> Space:
    """The space of the model in a copy of its folder."""
    if source.preset in PRESETS:
        (space,) = PRESETS[source.preset]
        return replace(space, model=str(copy), revision=starter.identity())
    (space,) = spaces_of(local_name(source.preset, copy))
    return space
