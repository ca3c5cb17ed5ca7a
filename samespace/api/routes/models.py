"""Models: listed, added, removed."""

from typing import Annotated, Any

from fastapi import APIRouter, Path

from samespace.api.context import Context, Reader, WriterOfAll
from samespace.api.openapi import KEYED, PROBLEMS
from samespace.api.responses.models import preset_view, registered_view, shipped_view
from samespace.api.schemas import models as schemas
from samespace.api.schemas.base import Nothing
from samespace.core.errors import NotFound
from samespace.encoders.hub_cache import cached_models
from samespace.encoders.presets import PRESETS
from samespace.registry.add import add_model as take_in
from samespace.registry.resolve import spaces_known

router = APIRouter(prefix="/v1/models", tags=["models"], responses=PROBLEMS, dependencies=KEYED)

Name = Annotated[str, Path(min_length=1, max_length=1000, pattern="^[^\\x00]*$")]


@router.get("", response_model=schemas.ModelList)
def list_models(here: Reader) -> Any:
    """The presets, what each is good for, whether it works without a fetch; and all models, those added among them."""
    return {"presets": _presets(here), "models": _models(here)}


@router.post("", status_code=201, response_model=schemas.AddedModel)
def add_model(body: schemas.NewModel, here: WriterOfAll) -> Any:
    """Add a model: its folder is packed, so that every machine of this installation has it from now on.

    It is loaded and tried first, which takes as long as loading it does.
    """
    added = take_in(body.source, here.services, name=body.name, licence=body.licence)
    here.notes.update(subject=added.model.name, fingerprint=added.model.model.fingerprint[:12])
    view = registered_view(added.model, here.services.records.registry.uses(), here)
    return schemas.AddedModel(**view.model_dump(), left_out=list(added.left_out))


@router.get("/{model}", response_model=schemas.ModelView)
def get_model(model: Name, here: Reader) -> Any:
    """One model."""
    found = next((one for one in _models(here) if one.name == model), None)
    if found is None:
        raise NotFound(f"there is no model {model[:80]!r}; `samespace models` lists them")
    return found


@router.delete("/{model}", response_model=Nothing)
def remove_model(model: Name, here: WriterOfAll) -> Any:
    """Remove a model that no collection uses; its files go from the store in the background."""
    here.services.records.registry.remove(model)
    return {}


def _presets(here: Context) -> list[schemas.PresetView]:
    """Those of this release, before them what this server was set to."""
    cached, default = cached_models(), here.services.settings.preset
    wanted = PRESETS
    if default not in PRESETS:
        wanted = {default: spaces_known(default, here.services.records), **PRESETS}
    return [preset_view(name, spaces, default, cached) for name, spaces in wanted.items()]


def _models(here: Context) -> list[schemas.ModelView]:
    registry = here.services.records.registry
    uses = registry.uses()
    added = [registered_view(one, uses, here) for one in registry.all()]
    taken = {one.name for one in added}
    shipped = [shipped_view(one, uses, here) for one in _presets(here) if one.name not in taken]
    return sorted([*added, *shipped], key=lambda one: one.name)
