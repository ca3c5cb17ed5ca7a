"""Folders written once and used by many processes: whole or written anew, never half."""

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from samespace.encoders.weights import hashes_of, sha256_of

RECORD = "written.json"


def is_whole(folder: Path) -> bool:
    """Whether every file has the SHA-256 that was recorded when the folder was written."""
    try:
        recorded: dict[str, str] = json.loads((folder / RECORD).read_text())
        return all(sha256_of(folder / name) == mark for name, mark in recorded.items())
    except (OSError, ValueError):
        return False


def write_folder(folder: Path, fill: Callable[[Path], None]) -> None:
    """Let `fill` write into a new folder beside it, then move its files into place, the record last.

    Processes may do so at once: each file is replaced in one step by an equal one, and whoever has it
    open keeps what it opened. Raises OSError if the disk does not take it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as made:
        fill(Path(made))
        (Path(made) / RECORD).write_text(json.dumps(hashes_of(Path(made), ("*",))))
        for file in sorted(Path(made).iterdir(), key=lambda file: file.name == RECORD):
            os.replace(file, folder / file.name)  # noqa: PTH105
