"""The spaces that a name stands for: of a preset, or of a custom model, `st:<model>` or `open_clip:<model>`."""

from samespace.core.errors import InvalidRequest
from samespace.core.nearest import nearest
from samespace.core.types import Space
from samespace.encoders.presets import OPEN_CLIP, PRESETS, SENTENCES

# What a custom model's name begins with, and the adapter that loads it.
_PREFIXES = {"st": SENTENCES, OPEN_CLIP: OPEN_CLIP}


def spaces_of(preset: str) -> tuple[Space, ...]:
    """The spaces of a preset, or the one space of a custom model.

    `st:<hub name or folder>` is a sentence-transformers model, `open_clip:<architecture>/<pretrained>`,
    `open_clip:local-dir:<folder>` and `open_clip:hf-hub:<name>` an open_clip one; the dimension and the
    length of a custom model are read from the model, which is loaded for it.
    Raises InvalidRequest for an unknown name, Unavailable where the model cannot be had.
    """
    if preset in PRESETS:
        return PRESETS[preset]
    prefix, _, model = preset.partition(":")
    if model and prefix in _PREFIXES:
        return (describe(_PREFIXES[prefix], model),)
    raise _not_known(preset)


def describe(adapter: str, model: str) -> Space:
    """The space of a custom model as the model says it, which is loaded for it; Unavailable where it cannot be had."""
    if adapter == SENTENCES:
        from samespace.encoders import sentences

        return sentences.describe(model)
    from samespace.encoders import clip

    return clip.describe(model)


def check_name(preset: str) -> None:
    """InvalidRequest for a name that stands for no preset and no model; none is loaded for it."""
    prefix, _, model = preset.partition(":")
    if preset not in PRESETS and not (prefix in _PREFIXES and model):
        raise _not_known(preset)


def _not_known(preset: str) -> InvalidRequest:
    meant = nearest(preset, PRESETS)
    did_you = f"did you mean {meant}? " if meant else ""
    return InvalidRequest(
        f"preset {preset!r} is not known; {did_you}{'K' if meant else 'k'}nown are "
        f"{', '.join(sorted(PRESETS))}, and st:<model or folder>, open_clip:<architecture>/<pretrained>, "
        "open_clip:local-dir:<folder>"
    )
