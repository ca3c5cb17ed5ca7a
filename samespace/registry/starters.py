"""The starter of each release goes on for the collections that were made with it.

While a release ships the starter that collections use, a copy is put into the registry, before a later release comes
without it. That one lets their indexes name the copy.
"""

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from samespace.core.errors import Conflict, NotFound, Unavailable
from samespace.core.types import PACKED, Space
from samespace.encoders import starter
from samespace.encoders.load import load_encoder
from samespace.encoders.presets import BUILTIN, STARTER
from samespace.registry.card import Card
from samespace.registry.pack import copied, keep_here, packed, put_on_record, store
from samespace.services import Services
from samespace.store.records import Origin, RegisteredModel
from samespace.store.records.models import model_of
from samespace.store.records.registry import Registry, Use

log = logging.getLogger(__name__)

LICENCE = "Apache-2.0"


def keep_starters(services: Services, *, older_than: float = 0) -> list[str]:
    """Put the starters into the registry that collections use which are older than so many seconds, and take out
    those that none uses any more; the names of those put in.

    Unavailable if a store does not take it. One whose weights are nowhere on this machine is passed over.
    """
    registry = services.records.registry
    uses, there = registry.uses(), {one.model.fingerprint: one for one in registry.all()}
    _drop_unused(there.values(), uses, services)
    until = time.time() - older_than
    owed = {
        use.fingerprint
        for use in uses
        if use.source == STARTER.model and use.since < until and use.fingerprint not in there
    }
    kept = [name for mark in sorted(owed) if (name := _keep(mark, services))]
    if kept:
        settle_starters(registry)
    return kept


def _drop_unused(there: Iterable[RegisteredModel], uses: Sequence[Use], services: Services) -> None:
    used = {use.fingerprint for use in uses}
    for one in there:
        if one.origin is Origin.KEPT and one.model.fingerprint not in used:
            with suppress(Conflict, NotFound):  # somebody began to use it, or was faster
                services.records.registry.remove(one.name)


def settle_starters(registry: Registry) -> None:
    """Let indexes that were made with the starter of another release name the copy of it in the registry."""
    with suppress(Unavailable):  # no starter is installed: then none is mistaken for another
        shipped = starter.identity()
        for use, kept in _outlived(registry):
            if kept.model.space.revision != shipped and use.source == STARTER.model:
                registry.move_uses(use.model_id, kept.model)


def outdated(registry: Registry) -> list[str]:
    """The collections that go on with the starter of an earlier release, by name."""
    with suppress(Unavailable):
        shipped = starter.identity()
        found = [use for use, kept in _outlived(registry) if kept.model.space.revision != shipped]
        return sorted({use.collection for use in found})
    return []


def _outlived(registry: Registry) -> Iterator[tuple[Use, RegisteredModel]]:
    """The uses of starters that have a copy in the registry."""
    copies = {
        one.model.fingerprint: one for one in registry.all() if one.model.space.kind == BUILTIN
    }
    uses = registry.uses() if copies else []
    return ((use, copies[use.fingerprint]) for use in uses if use.fingerprint in copies)


def _keep(fingerprint: str, services: Services) -> str | None:
    """Put the starter of this fingerprint into the registry, if it is on this machine; its name."""
    for space in _on_this_machine(services.settings.models):
        if _fingerprint(space, services) == fingerprint:
            return _put(space, fingerprint, services)
    log.warning(
        "the starter %s is used and not on this machine: it cannot be kept", fingerprint[:12]
    )
    return None


def _on_this_machine(models: Path) -> Iterator[Space]:
    """The starters that lie here, that of this release first."""
    with suppress(Unavailable):
        yield replace(STARTER, model=str(starter.assemble(models)), revision=starter.identity())
    for file in sorted(models.absolute().glob(f"starter-*/{starter.IDENTITY}")):
        yield replace(STARTER, model=str(file.parent), revision=file.read_text())


def _fingerprint(space: Space, services: Services) -> str:
    """That of this release is loaded anyway."""
    if space.revision == starter.identity():
        return services.encoders.get(STARTER).fingerprint
    return load_encoder(space, services.settings).fingerprint


def _put(space: Space, fingerprint: str, services: Services) -> str | None:
    with copied(Path(space.model), services.settings.models) as (copy, _):
        manifest = keep_here(copy, services.settings.models)
    store(manifest, services)
    made = packed(
        f"starter-{fingerprint[:8]}",
        model_of(replace(space, model=PACKED + manifest.hash), fingerprint),
        manifest,
        origin=Origin.KEPT,
        source=STARTER.model,
        licence=LICENCE,
        card=Card(),
    )
    try:
        put_on_record(made, services)
    except Conflict:  # another worker was faster
        return None
    return made.name
