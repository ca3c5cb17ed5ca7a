"""Models as the API answers them."""

from collections.abc import Iterable, Sequence

from samespace.api.context import Context
from samespace.api.responses.views import moment
from samespace.api.schemas.collections import SpaceView
from samespace.api.schemas.models import CardView, ModelView, PresetView
from samespace.core.types import Space
from samespace.encoders.adapters import has_weights
from samespace.encoders.presets import ABOUT, PRESETS
from samespace.registry.card import shown
from samespace.store.records import Origin, RegisteredModel
from samespace.store.records.keys import Scope
from samespace.store.records.registry import Use

_SHIPPED = "shipped"
_OWN = "The model that this server was set to."


def preset_view(
    name: str, spaces: Iterable[Space], default: str, cached: frozenset[str]
) -> PresetView:
    """A preset; `cached` are the models in this machine's cache of a hub."""
    return PresetView(
        name=name,
        about=ABOUT.get(name, _OWN),
        is_default=name == default,
        is_here=name == default or all(has_weights(each, cached) for each in spaces),
        spaces=[_space_view(space) for space in spaces],
    )


def shipped_view(preset: PresetView, uses: Sequence[Use], here: Context) -> ModelView:
    """A preset as one of the models; `uses` are those of all models."""
    sources = {space.model for space in PRESETS.get(preset.name, ())}
    return ModelView(
        **preset.model_dump(),
        origin=_SHIPPED,
        source=None,
        fingerprint=None,
        packed=None,
        bytes=None,
        licence=None,
        card=None,
        used_by=_users([use for use in uses if use.source in sources], here),
        created_at=None,
    )


def registered_view(one: RegisteredModel, uses: Sequence[Use], here: Context) -> ModelView:
    """A model that was added; `uses` are those of all models."""
    mine = [use for use in uses if use.fingerprint == one.model.fingerprint]
    return ModelView(
        name=one.name,
        about=_about(one),
        is_default=one.name == here.services.settings.preset,
        is_here=True,
        spaces=[_space_view(one.model.space)],
        origin=str(one.origin),
        source=one.source if _may_add(here) or one.origin is Origin.HUB else None,
        fingerprint=one.model.fingerprint,
        packed=one.manifest,
        bytes=one.bytes if one.manifest else None,
        licence=one.licence,
        card=CardView.model_validate(shown(one.card).model_dump()),
        used_by=_users(mine, here),
        created_at=moment(one.created_at),
    )


def _about(one: RegisteredModel) -> str:
    kinds = " and ".join(
        "texts" if each == "text" else f"{each}s" for each in sorted(one.model.space.modalities)
    )
    how = {
        Origin.KEPT: "the starter of an earlier release",
        Origin.TRAINED: "trained here",
        Origin.HUB: f"from a model hub: {one.source}",
    }.get(one.origin, "added here")
    return f"{kinds.capitalize()}; {how}."


def _may_add(here: Context) -> bool:
    return Scope.WRITE in here.grant.scopes and not here.grant.is_limited


def _users(uses: Iterable[Use], here: Context) -> list[str]:
    """The collections that the one who asks may see."""
    return sorted({use.collection for use in uses if here.grant.sees(use.collection_id)})


def _space_view(space: Space) -> SpaceView:
    return SpaceView(name=space.name, dim=space.dim, modalities=sorted(map(str, space.modalities)))
