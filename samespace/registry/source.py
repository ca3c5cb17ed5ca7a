"""What is added: a folder, the name of a model on a hub, or a preset."""

import re
from dataclasses import dataclass
from pathlib import Path

from samespace.core.errors import InvalidRequest
from samespace.encoders import starter
from samespace.encoders.clip import LOCAL
from samespace.encoders.presets import BUILTIN, PRESETS
from samespace.encoders.spaces import check_name
from samespace.store.records import Origin

ONNX = "onnx"
# The file that tells of what kind a folder is, and what a preset of that kind begins with; the first that is there.
_MARKS = (
    ("open_clip_config.json", f"open_clip:{LOCAL}"),
    ("modules.json", "st:"),
    ("model.onnx", f"{ONNX}:"),
    ("text_model.onnx", f"{ONNX}:"),
    ("config.json", "st:"),
)
_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Source:
    """What was named, the preset that stands for it, and its folder where it has one."""

    said: str
    preset: str
    folder: Path | None
    origin: Origin

    @property
    def home(self) -> Path:
        """Its folder; only for one that has one."""
        if self.folder is None:
            raise ValueError(f"{self.said} is in no folder")
        return self.folder

    @property
    def name(self) -> str:
        """What it is called where nobody says otherwise."""
        last = (self.folder.name if self.folder else self.said.rstrip("/")).rpartition("/")[2]
        return _UNFIT.sub("-", last).lstrip("._-")[:64] or "model"


def understand(said: str, models: Path) -> Source:
    """What a source is; InvalidRequest for one that is nothing, or several models."""
    if said in PRESETS:
        return _preset(said, models)
    prefix, colon, rest = said.partition(":")
    if colon and not _is_path(said):
        check_name(said)
        folder = Path(rest.removeprefix(LOCAL))
        is_folder = rest.startswith(LOCAL) or folder.is_absolute()
        return _folder(said, f"{prefix}:", folder) if is_folder else _hub(said, said)
    if _is_path(said):
        return _folder(said, None, Path(said))
    if _HUB_NAME.fullmatch(said):
        return _hub(said, f"st:{said}")
    raise InvalidRequest(
        f"{said[:80]!r} is no model: a folder by its whole path, the name of one on a model hub "
        "(st:<name>, open_clip:<architecture>/<pretrained>) or preset starter is wanted"
    )


def local_name(preset: str, folder: Path) -> str:
    """The preset of another folder of the same kind."""
    prefix = preset.partition(":")[0]
    return f"{prefix}:{LOCAL}{folder}" if LOCAL in preset else f"{prefix}:{folder}"


def _is_path(said: str) -> bool:
    return said.startswith(("/", "./", "../", "~"))


def _preset(name: str, models: Path) -> Source:
    spaces = PRESETS[name]
    if [space.kind for space in spaces] == [BUILTIN]:
        return Source(name, name, starter.assemble(models), Origin.PRESET)
    named = " and ".join(space.model for space in spaces)
    raise InvalidRequest(
        f"preset {name!r} needs no adding; one of its models is added by its own name: {named}"
    )


def _hub(said: str, preset: str) -> Source:
    return Source(said, preset, None, Origin.HUB)


def _folder(said: str, prefix: str | None, folder: Path) -> Source:
    if not folder.is_absolute():
        raise InvalidRequest(
            f"{str(folder)[:200]!r} is no whole path: the server may run in another folder"
        )
    if not folder.is_dir():
        raise InvalidRequest(f"there is no folder {folder} on the machine of the server")
    found = next((start for file, start in _MARKS if (folder / file).is_file()), None)
    if found is None:
        files = ", ".join(file for file, _ in _MARKS)
        raise InvalidRequest(f"{folder} is no folder of a model: none of {files} is there")
    if prefix is not None and not found.startswith(prefix):
        found = f"{prefix}{LOCAL}" if prefix == "open_clip:" else prefix
    preset = f"{found}{folder}"
    check_name(preset)
    return Source(said, preset, folder, Origin.FOLDER)
