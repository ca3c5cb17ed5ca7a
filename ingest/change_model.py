"""Changing the model of a collection: begin, switch, go back, give up; what is built is filled by `ingest.build`.

While it lasts, searches ask one set of indexes and another stands beside it: before the switch the new one, afterwards
the old one, which is written along until it is given up.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from samespace.core.errors import Conflict, InvalidRequest, Unsupported
from samespace.core.faults import fault_point
from samespace.core.types import IMAGE, TEXT, Vectors
from samespace.encoders.contents import as_passage
from samespace.encoders.opening import open_encoder
from samespace.encoders.trial import sample
from samespace.registry.resolve import models_of
from samespace.services import Services
from samespace.store.index_kinds import kind_of
from samespace.store.records import Collection, IndexRecord, ModelRecord
from samespace.store.records.model_changes import Addition, ModelChange
from samespace.store.records.models import model_of
from samespace.store.rows import UNIT_TOLERANCE

log = logging.getLogger(__name__)

_FORGOTTEN_AT_ONCE = 1000


def plan_change(
    collection: Collection, name: str, space: str | None, services: Services
) -> tuple[list[Addition], list[IndexRecord]]:
    """What changing to this model means: the indexes to be built, and those that go out for them.

    Models are loaded, and tried on a text and a picture. InvalidRequest for a name that stands for none, a space that
    is not there, and a model that the collection has already or that makes no vectors; Unsupported where something the
    collection holds would not be found any more; Unavailable where the model cannot be had.
    """
    outgoing = _outgoing(collection, space)
    models = _chosen(models_of(name, services.records, services.encoders), name, space)
    same = {one.id for one in models} & {index.model.id for index in outgoing if index.model}
    outgoing = [one for one in outgoing if one.model and one.model.id not in same]
    models = [one for one in models if one.id not in same]
    if not models:
        raise InvalidRequest(f"collection {collection.name!r} is embedded by {name!r} already")
    staying = [one for one in collection.spaces if one not in outgoing]
    models = [_named_apart(one, staying, space) for one in models]
    _check_covers(collection, models, staying, name, services)
    for model in models:
        probe(model, services)
    instead_of = outgoing[0] if len(models) == len(outgoing) == 1 else None
    return [Addition(model, instead_of) for model in models], outgoing


def begin_change(
    collection: Collection,
    name: str,
    *,
    space: str | None = None,
    keep_days: float,
    services: Services,
) -> ModelChange:
    """Put on record that indexes of another model are built beside those that searches ask; raises what `plan_change`
    raises, Conflict while there is another change."""
    change = services.records.model_changes.find(collection.id)
    if change is not None:
        raise Conflict(_is_changed_already(collection, change))
    added, outgoing = plan_change(collection, name, space, services)
    begun = services.records.model_changes.begin(
        collection, name, added, outgoing, space=space, keep_days=keep_days
    )
    fault_point("change.begun")
    return begun


def switch_model(
    collection: Collection, *, to_new: bool, force: bool = False, services: Services
) -> Mapping[str, int]:
    """What `records.model_changes.switch` does and answers, once what searches are to ask is there: of a collection
    without documents nothing is lacking before anybody has made it."""
    changes = services.records.model_changes
    change = changes.get(collection)
    entering = change.incoming if to_new else change.outgoing
    for index in services.records.collections.get(collection.id).indexes:
        if index.id in entering:
            kind_of(index, services.records, services.index).create(index)
    return changes.switch(collection, to_new=to_new, force=force)


def warm_up(ids: Sequence[str], collection: Collection, services: Services) -> None:
    """Load the encoders of these indexes, so that no question has to wait for them; raises what opening them does."""
    for index in collection.indexes:
        if index.id in ids and index.model is not None:
            open_encoder(index.space, index.fingerprint, services.encoders).warm_up()


def probe(model: ModelRecord, services: Services) -> None:
    """InvalidRequest, naming the model, unless it makes unit vectors of its dimension of a text and of a picture."""
    encoder = open_encoder(model.space, model.fingerprint, services.encoders)
    for content in map(sample, sorted(model.space.modalities & {TEXT, IMAGE})):
        problem = _problem_of(encoder.encode([as_passage(content, model.space)]), model.space.dim)
        if problem:
            raise InvalidRequest(
                f"model {model.space.model!r} cannot be used: of {content.modality}, {problem}"
            )


def finish_given_up(services: Services) -> None:
    """Empty and forget the indexes that were given up, and the cached vectors that only they needed.

    A question that began before may still look into one: it is left alone as long as one waits for an answer.
    """
    settled = time.time() - services.settings.search_seconds
    for index in services.records.indexes.given_up():
        if index.changed_at > settled:
            continue
        kind_of(index, services.records, services.index).drop(index)
        fault_point("change.dropped")
        if index.model is not None:
            forget_vectors(index.fingerprint, services)
        services.records.indexes.remove(index.id)
        log.info("index %s was given up and is removed", index.index_name)


def give_up_expired(services: Services) -> None:
    """Give up what was kept for going back and has been kept long enough."""
    now = time.time()
    for change in services.records.model_changes.all():
        if change.is_switched and change.kept_until is not None and change.kept_until <= now:
            services.records.model_changes.give_up(change.collection_id, expired_at=now)


def forget_vectors(fingerprint: str, services: Services) -> None:
    """Forget all cached vectors of a fingerprint, as long as no index uses it."""
    while True:
        with services.records.indexes.no_model_added(fingerprint) as is_unused:
            if not is_unused or not services.vectors.forget(fingerprint, _FORGOTTEN_AT_ONCE):
                return


def _is_changed_already(collection: Collection, change: ModelChange) -> str:
    name = collection.name
    if not change.is_switched:
        return (
            f"collection {name!r} is being changed to {change.preset!r}: swap to it, or give it up, "
            "before another model is built"
        )
    return (
        f"collection {name!r} still keeps what it had before {change.preset!r}: go back, or give that up, "
        "before another model is built"
    )


def _outgoing(collection: Collection, space: str | None) -> list[IndexRecord]:
    if space is None:
        return list(collection.spaces)
    found = [one for one in collection.spaces if one.name == space]
    if not found:
        known = ", ".join(repr(one.name) for one in collection.spaces)
        raise InvalidRequest(
            f"collection {collection.name!r} has no space {space!r}; it has {known}"
        )
    return found


def _chosen(models: list[ModelRecord], name: str, space: str | None) -> list[ModelRecord]:
    """Of a preset with several spaces, for one space alone, that of the same name."""
    if space is None or len(models) == 1:
        return models
    named = [one for one in models if one.space.name == space]
    if not named:
        known = ", ".join(repr(one.space.name) for one in models)
        raise InvalidRequest(f"{name!r} has no space {space!r}, it has {known}; name one model")
    return named


def _named_apart(
    model: ModelRecord, staying: Sequence[IndexRecord], space: str | None
) -> ModelRecord:
    """Spaces of a collection have different names: one that would not takes that of the space it replaces."""
    if space is None or model.space.name not in {one.name for one in staying}:
        return model
    return model_of(replace(model.space, name=space), model.fingerprint)


def _check_covers(
    collection: Collection,
    models: Sequence[ModelRecord],
    staying: Sequence[IndexRecord],
    name: str,
    services: Services,
) -> None:
    taken = {modality for one in models for modality in one.space.modalities}
    taken |= {modality for one in staying for modality in one.modalities}
    if TEXT not in taken:
        raise Unsupported(f"{name!r} takes no texts, and nobody could search by words any more")
    for modality, count in services.records.holdings.live_stamp(collection.id).items.items():
        if count and modality not in taken:
            raise Unsupported(
                f"{name!r} takes nothing of modality {modality}, and collection {collection.name!r} holds "
                f"{count} such items, which would not be found any more"
            )


def _problem_of(rows: Vectors, dim: int) -> str | None:
    if rows.shape != (1, dim):
        return f"it makes {rows.shape[-1]} numbers, not {dim}"
    length = float(np.linalg.norm(rows[0]))
    # The comparison is false for a length that is not a number.
    if abs(length - 1) <= UNIT_TOLERANCE:
        return None
    return f"it makes a vector of length {length:g}, not 1"
