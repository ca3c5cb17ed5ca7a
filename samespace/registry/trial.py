"""A model is used once before it is taken: whether it loads, and what it makes."""

from dataclasses import replace
from pathlib import Path

from PIL import Image

from samespace.core.errors import BadVector, InvalidRequest, Misconfigured, Unavailable
from samespace.core.settings import Settings
from samespace.core.types import Space
from samespace.encoders.base import Encoder
from samespace.encoders.device import compute_of
from samespace.encoders.load import load_encoder
from samespace.registry.memory import check_memory

_TEXTS = ("a red square", "Where is the contract about the heating costs of 2021?")
_COLOURS = ("red", "navy")


def try_out(name: str, space: Space, settings: Settings, folder: Path | None) -> str:
    """Load the model of a space and let it encode texts and pictures; its fingerprint.

    InvalidRequest, with the reason, for one that does not fit into memory, does not load, or makes rows of another
    length than it says, that are zero or not finite.
    """
    if folder is not None:
        files = [*folder.rglob("*.safetensors"), *folder.rglob("*.onnx")]
        check_memory(files, compute_of(settings))
    try:
        encoder = load_encoder(space, settings)
        _encode(encoder, space)
    except BadVector as error:
        raise InvalidRequest(f"model {name!r} is not taken: {error}") from error
    except (Unavailable, Misconfigured) as error:
        if folder is None:
            raise
        raise InvalidRequest(
            f"model {name!r} is not taken: {_plain(error, folder, name)}"
        ) from error
    return encoder.fingerprint


def _encode(encoder: Encoder, space: Space) -> None:
    if "text" in space.modalities:
        encoder.encode_texts([space.passage_prompt + text for text in _TEXTS])
        encoder.encode_texts([space.query_prompt + text for text in _TEXTS])
        encoder.count_tokens(_TEXTS)
    if "image" in space.modalities:
        encoder.encode_images([Image.new("RGB", (300, 200), colour) for colour in _COLOURS])


def _plain(error: Exception, folder: Path, name: str) -> str:
    """What went wrong, without the place of the copy that was tried."""
    return str(error).replace(str(folder), name)


def located(space: Space, source: str) -> Space:
    """The space with its model from elsewhere."""
    return replace(space, model=source)
