"""The spaces that a name stands for: of a preset, or of a custom model, such as `st:<model>` or `open_clip:<model>`."""

from samespace.core.errors import InvalidRequest, Misconfigured
from samespace.core.nearest import nearest
from samespace.core.types import TEXT, Space
from samespace.encoders.adapters import ADAPTERS, custom_model
from samespace.encoders.presets import PRESETS


def spaces_of(preset: str) -> tuple[Space, ...]:
    """The spaces of a preset, or the one space of a custom model: a prefix of `samespace.encoders.adapters`, a colon
    and what its adapter takes.

    The dimension and the length of a custom model are read from the model, which is loaded for it.
    Raises InvalidRequest for an unknown name, Unavailable where the model cannot be had.
    """
    if preset in PRESETS:
        return PRESETS[preset]
    custom = custom_model(preset)
    if custom is None:
        raise _not_known(preset)
    adapter, model = custom
    return (describe(adapter.kind, model),)


def describe(kind: str, model: str) -> Space:
    """The space of a custom model as the model says it, which is loaded for it; Unavailable where it cannot be had,
    Misconfigured where it takes no texts, which every collection asks in."""
    space = ADAPTERS[kind].code.describe(model)
    if TEXT not in space.modalities:
        takes = " and ".join(sorted(space.modalities)) or "nothing"
        raise Misconfigured(f"model {model} takes {takes}, and no texts to search with")
    return space


def check_name(preset: str) -> None:
    """InvalidRequest for a name that stands for no preset and no model; none is loaded for it."""
    if preset not in PRESETS and custom_model(preset) is None:
        raise _not_known(preset)


def _not_known(preset: str) -> InvalidRequest:
    meant = nearest(preset, PRESETS)
    did_you = f"did you mean {meant}? " if meant else ""
    forms = ", ".join(form for row in ADAPTERS.values() for form in row.forms)
    return InvalidRequest(
        f"preset {preset!r} is not known; {did_you}{'K' if meant else 'k'}nown are "
        f"{', '.join(sorted(PRESETS))}, and {forms}"
    )
