"""A model is used once before it is taken: whether it loads, and what it makes."""

from collections.abc import Callable
from pathlib import Path

from samespace.core.content import of_texts
from samespace.core.errors import BadVector, InvalidRequest, Misconfigured, OutOfSpace, Unavailable
from samespace.core.settings import Settings
from samespace.core.types import TEXT, Space, Vectors
from samespace.encoders.base import Encoder
from samespace.encoders.contents import as_passage, as_query
from samespace.encoders.device import compute_of
from samespace.encoders.load import load_encoder
from samespace.registry.memory import check_memory

# As long as each other: a tokenizer that knows no words makes the same of both.
_TEXTS = ("a red square", "my old boat")
_SAME = 0.999999


def try_folder(
    name: str, describe: Callable[[], Space], folder: Path, settings: Settings
) -> tuple[Space, str]:
    """The space and the fingerprint of a model in a folder, which is loaded and encodes texts and pictures.

    InvalidRequest, with the reason, for one that does not fit into memory, does not load, or makes rows of another
    length than it says, that are zero or not finite.
    """
    files = [*folder.rglob("*.safetensors"), *folder.rglob("*.onnx")]
    check_memory(files, compute_of(settings))
    try:
        space = describe()
        return space, try_out(name, space, settings)
    except OutOfSpace:
        raise
    except (Unavailable, Misconfigured) as error:
        said = str(error).replace(f"model {folder}", "it").replace(str(folder), name)
        raise InvalidRequest(f"model {name!r} is not taken: {said}") from error


def try_out(name: str, space: Space, settings: Settings) -> str:
    """Load the model of a space and let it encode; its fingerprint. InvalidRequest for rows as above, and whatever
    loading raises."""
    encoder = load_encoder(space, settings)
    try:
        _encode(encoder, space)
    except BadVector as error:
        raise InvalidRequest(f"model {name!r} is not taken: {error}") from error
    return encoder.fingerprint


def _check_differ(rows: Vectors) -> None:
    """A tokenizer whose words are missing reads every text as the same."""
    if float(rows[0] @ rows[1]) > _SAME:
        raise BadVector(
            "it makes the same vector of different texts: its tokenizer is not the model's"
        )


def _encode(encoder: Encoder, space: Space) -> None:
    """Loading has tried a text and a picture already."""
    if TEXT in space.modalities:
        texts = of_texts(_TEXTS)
        _check_differ(encoder.encode([as_passage(each, space) for each in texts]))
        encoder.encode([as_query(each, space) for each in texts])
        encoder.count_tokens(_TEXTS)
