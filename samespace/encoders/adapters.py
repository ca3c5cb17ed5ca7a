"""The adapters: a row for each way to load models, light enough for every process; its code is imported when needed."""

from collections.abc import Set
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from samespace.core.errors import InvalidRequest
from samespace.core.settings import Settings
from samespace.core.types import Space
from samespace.encoders.device import Compute
from samespace.encoders.presets import BUILTIN, ONNX, OPEN_CLIP, SENTENCES

if TYPE_CHECKING:
    from samespace.encoders.base import Encoder


class AdapterCode(Protocol):
    """What the module of an adapter has. A model is what `Space.model` names, without the prefix."""

    def describe(self, model: str) -> Space:
        """The space of a custom model, as the model says it; Unavailable where it cannot be had."""

    def open_model(self, space: Space, compute: Compute, settings: Settings) -> "Encoder":
        """The encoder of a space; Unavailable where its model cannot be had, Misconfigured if it is not what the space
        says. The encoder's fingerprint is a hash over everything that decides what a vector is."""

    def export_key(self, space: Space) -> object:
        """What tells the model from every other, from its files alone; None where its texts are not exported."""

    def is_here(self, space: Space, cached: Set[str]) -> bool:
        """Whether its weights are in a package, in a folder, or among the models that the hub's cache holds."""

    def folder_of(self, model: str) -> Path | None:
        """The folder that a model's name means, if it can be nothing else."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """One adapter: its spaces are of this `kind`, names of its custom models begin with `prefix` and a colon, and
    `module` is its code.

    `forms` are how such names look, for people. What `fetches` may have its models from a hub. What looks `quickly`
    knows without torch what is here. What runs on `torch` gets its threads set.
    """

    kind: str
    module: str
    prefix: str = ""
    forms: tuple[str, ...] = ()
    fetches: bool = False
    quickly: bool = True
    torch: bool = True

    @property
    def code(self) -> AdapterCode:
        """Its module, imported when it is first needed."""
        return cast(AdapterCode, import_module(self.module))


_CLIP_FORMS = ("open_clip:<architecture>/<pretrained>", "open_clip:local-dir:<folder>")
_ROWS = (
    Adapter(BUILTIN, "samespace.encoders.starter"),
    Adapter(
        SENTENCES, "samespace.encoders.sentences", "st", ("st:<model or folder>",), fetches=True
    ),
    Adapter(
        OPEN_CLIP, "samespace.encoders.clip", "open_clip", _CLIP_FORMS, fetches=True, quickly=False
    ),
    Adapter(ONNX, "samespace.encoders.onnx", "onnx", ("onnx:<folder>",), torch=False),
)
ADAPTERS = {row.kind: row for row in _ROWS}


def adapter_of(space: Space) -> Adapter:
    """The adapter that loads a space; InvalidRequest where there is none of its kind."""
    adapter = ADAPTERS.get(space.kind)
    if adapter is None:
        raise InvalidRequest(
            f"space {space.name} is of kind {space.kind!r}, which no adapter loads"
        )
    return adapter


def custom_model(name: str) -> tuple[Adapter, str] | None:
    """The adapter and the model that a name with a prefix stands for; None for any other name."""
    prefix, _, model = name.partition(":")
    named = (row for row in ADAPTERS.values() if row.prefix and row.prefix == prefix)
    adapter = next(named, None)
    return (adapter, model) if adapter and model else None


def has_weights(space: Space, cached: Set[str]) -> bool:
    """Whether the weights are in a package, in a folder, or among the `cached_models`."""
    return adapter_of(space).code.is_here(space, cached)
