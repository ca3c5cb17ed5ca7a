"""Which files of a folder make up its model: weights that hold no code, and texts."""

from dataclasses import dataclass
from pathlib import Path

from samespace.core.errors import InvalidRequest
from samespace.encoders.weights import PICKLED
from samespace.encoders.written import RECORD

SAFE_WEIGHTS = (".safetensors", ".onnx")
# Beside model.onnx, where it is larger than its format holds.
_ONNX_DATA = (".onnx_data", ".onnx.data")
_TEXTS = (".json", ".txt", ".md", ".model", ".jinja", ".vocab", ".spm")
_LICENCES = ("LICENSE", "LICENCE", "NOTICE", "COPYING")
_PICKLED = (*PICKLED, ".pickle", ".joblib", ".npy")
MOST_FILES = 1000


@dataclass(frozen=True, slots=True)
class Chosen:
    """Relative paths of what is packed, in order, and of what is left where it is."""

    files: tuple[str, ...]
    left_out: tuple[str, ...]


def choose(folder: Path, *, as_onnx: bool = False) -> Chosen:
    """Sort the files of a folder; hidden ones are passed over. Of weights in both forms those of ONNX are the model's
    only if it is to be run `as_onnx`.

    InvalidRequest for weights that may hold code where there are no others beside them, for a folder without
    weights, and for one of more files than a model has.
    """
    files = sorted(_files(folder))
    if len(files) > MOST_FILES:
        raise InvalidRequest(f"{folder} holds {len(files)} files, a model has {MOST_FILES} at most")
    left = ".safetensors" if as_onnx else ".onnx"
    chosen = [file for file in files if _is_chosen(file) and _form(file) != left]
    _check_pickles(files)
    if not any(file.suffix in SAFE_WEIGHTS for file in chosen):
        wanted = ".onnx" if as_onnx else ".safetensors"
        raise InvalidRequest(f"{folder} holds no weights: no file ends in {wanted}")
    names = [file.relative_to(folder).as_posix() for file in chosen]
    others = {file.relative_to(folder).as_posix() for file in files} - {*names, RECORD, "identity"}
    return Chosen(tuple(names), tuple(sorted(others)))


def _files(folder: Path) -> list[Path]:
    return [
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]


def _is_chosen(file: Path) -> bool:
    if file.name == RECORD:
        return False
    is_text = file.suffix in _TEXTS or file.name.upper().startswith(_LICENCES)
    return is_text or _form(file) is not None


def _form(file: Path) -> str | None:
    """Of which form weights are; None for no weights, or none that are taken."""
    if file.name.endswith((".onnx", *_ONNX_DATA)):
        return ".onnx"
    return ".safetensors" if file.suffix == ".safetensors" else None


def _check_pickles(files: list[Path]) -> None:
    for file in files:
        if file.suffix.lower() in _PICKLED and not any(
            other.parent == file.parent and other.suffix in SAFE_WEIGHTS for other in files
        ):
            raise InvalidRequest(
                f"{file} may hold code, which would be run by reading it: save the model as safetensors "
                "(save_pretrained of transformers and sentence-transformers does) and add it again"
            )
