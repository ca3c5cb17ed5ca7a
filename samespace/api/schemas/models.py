"""Models: presets, and those that were added."""

from typing import Annotated

from pydantic import ConfigDict, Field

from samespace.api.schemas.collections import SpaceView
from samespace.core.wire import Model

ModelName = Annotated[
    str, Field(min_length=1, max_length=64, pattern="^[A-Za-z0-9][A-Za-z0-9._-]*$")
]


class NewModel(Model):
    """A model to be added: a folder on the machine of the server by its whole path, or the name of one on a model hub
    (`st:<name>`, `open_clip:<architecture>/<pretrained>`); under a name, else that of its folder; under which licence
    it may be used, where no card and no file of it says so."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"source": "st:intfloat/e5-small-v2", "name": "e5", "licence": "MIT"}]
        }
    )

    source: Annotated[str, Field(min_length=1, max_length=4096, pattern="^[^\\x00]*$")]
    name: ModelName | None = None
    licence: Annotated[str, Field(min_length=1, max_length=200)] | None = None


class PresetView(Model):
    """A preset and its spaces, and what it is good for.

    `is_here`: its weights are on this machine; others are fetched from a model hub on first use.
    """

    name: str
    about: str
    is_default: bool
    is_here: bool
    spaces: list[SpaceView]


class LearnedView(Model):
    """What a model learned from: a collection or a file, how many of it, and how many were held back."""

    collection: str | None
    file: str | None
    items: int | None
    held_back: int | None


class CardView(Model):
    """Where a model came from, as far as that is known: its parent, by which method, from what, when, by which
    release of samespace, and its figures on what was held back."""

    parent: str | None
    method: str | None
    data: LearnedView
    figures: dict[str, float]
    code: str | None
    made_at: str | None
    licence: str | None


class ModelView(PresetView):
    """A model that was added (`origin`: hub, folder, trained, preset; kept: the starter of an earlier release, as long
    as collections use it), or a preset of this release (`shipped`).

    `fingerprint` is what its vectors may be compared with, null for what was not loaded to be asked; `packed`: its
    files are stored with the originals, `bytes` of them, and every machine has them from there. `source` is null for
    who may not add models and would learn the name of a folder. `used_by`: collections that the key may see.
    """

    origin: str
    source: str | None
    fingerprint: str | None
    packed: str | None
    bytes: int | None
    licence: str | None
    card: CardView | None
    used_by: list[str]
    created_at: str | None


class AddedModel(ModelView):
    """A model that was added, and which files of its folder are not part of it."""

    left_out: list[str]


class ModelList(Model):
    """The presets, and with them all models, by name."""

    presets: list[PresetView]
    models: list[ModelView]
