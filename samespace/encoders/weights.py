"""Model files: found without running a package's code, checked, and hashed into fingerprints."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import cast

from samespace.core.errors import Unavailable

SAFE = ".safetensors"
PICKLED = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib")


def packaged(package: str, path: str) -> Path:
    """Where an installed package keeps a file or folder; its code is not imported.

    Raises Unavailable if the package or the file is missing.
    """
    try:
        found = Path(str(distribution(package).locate_file(path)))
    except PackageNotFoundError as error:
        raise Unavailable(f"package {package} is missing: pip install {package}") from error
    if not found.exists():
        raise Unavailable(
            f"package {package} has no {path}: pip install --force-reinstall {package}"
        )
    return found


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_sha256(path: Path, expected: str) -> str:
    """The SHA-256 of the file; raises Unavailable if it is not the expected one."""
    actual = sha256_of(path)
    if actual != expected:
        raise Unavailable(
            f"{path} has SHA-256 {actual}, expected {expected}: reinstall its package"
        )
    return actual


def check_format(path: Path, *, allow_unsafe: bool = False) -> Path:
    """The file, if reading it cannot run code: safetensors; raises Unavailable for any other unless allowed.

    Where it is allowed the file is read as weights only, which an error in torch may break.
    """
    if path.suffix == SAFE or allow_unsafe:
        return path
    raise Unavailable(
        f"{path} is no {SAFE} file, and reading others may run code that is in them: convert it, "
        "or trust it with SAMESPACE_ALLOW_UNSAFE_WEIGHTS=true"
    )


def check_formats(folder: Path) -> None:
    """Unavailable if weights in a folder or right below it lie there in a form that may hold code, and
    in no other."""
    files = (
        file for end in PICKLED for place in ("", "*/") for file in folder.glob(f"{place}*{end}")
    )
    for file in sorted(files):
        if not any(file.parent.glob(f"*{SAFE}")):
            raise Unavailable(
                f"{file} is no {SAFE} file, and reading others may run code that is in them: convert it"
            )


def hashes_of(folder: Path, patterns: Iterable[str]) -> dict[str, str]:
    """SHA-256 by relative path of the files in a folder that match one of the patterns."""
    files = {file for pattern in patterns for file in folder.glob(pattern) if file.is_file()}
    return {file.relative_to(folder).as_posix(): sha256_of(file) for file in sorted(files)}


def fingerprint(parts: Mapping[str, object]) -> str:
    """One hash over everything that decides what a vector is: SHA-256 of the parts as canonical JSON."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def quiet_transformers() -> None:
    """Keep `transformers` from drawing a progress bar for every model it loads."""
    from transformers.utils import logging

    hide = cast(Callable[[], None], logging.disable_progress_bar)
    hide()
