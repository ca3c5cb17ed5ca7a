"""Where the export of a model's texts is kept, found without loading the model."""

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from samespace.core.types import Space
from samespace.encoders import clip, sentences, starter
from samespace.encoders.presets import BUILTIN, OPEN_CLIP, SENTENCES
from samespace.encoders.weights import fingerprint, hashes_of

# To be raised when an export is made in another way, so that those which are there are made anew.
FORMAT = 1
# What decides, besides the model's files, what a model computes and is known by.
_LIBRARIES = (
    "torch",
    "transformers",
    "tokenizers",
    "sentence-transformers",
    "open_clip_torch",
    "timm",
)


def place_of(space: Space, models: Path) -> Path | None:
    """The folder inside `models` for this model, these libraries and this format; None where texts are not exported.

    Unavailable if the files of the model cannot be had.
    """
    known_by = _identity(space)
    if known_by is None:
        return None
    parts = {
        "model": known_by,
        "space": [space.kind, space.dim, space.max_tokens, space.scale, space.bias],
        "libraries": {name: _version(name) for name in _LIBRARIES},
        "format": FORMAT,
    }
    return models.absolute() / f"texts-{fingerprint(parts)[:16]}"


def refusal_of(place: Path) -> Path:
    """The file that says why this model cannot be exported, once that was found out."""
    return place.with_suffix(".refused")


def _identity(space: Space) -> object:
    """What tells a model from every other, from its files alone."""
    if space.kind == BUILTIN:
        return starter.identity_of(space)
    if space.kind == SENTENCES:
        return sentences.fingerprint_of(space)
    if space.kind == OPEN_CLIP and space.model.startswith(clip.LOCAL):
        folder = Path(space.model.removeprefix(clip.LOCAL))
        if (folder / clip.CONFIG).is_file() and not clip.cleans_texts(space.model):
            return hashes_of(folder, ("*",))
    return None


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
