"""Which files a command line means: folders, patterns, single files."""

import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from samespace.core.errors import NotFound, Unreadable


def find_files(paths: Iterable[str], *, hidden: bool) -> list[Path]:
    """The files that these paths, folders and patterns mean, absolute, each once, in order.

    Raises NotFound for a path that leads nowhere, Unreadable for a folder that may not be looked into.
    """
    found = (file for path in paths for file in _files_of(path, hidden=hidden))
    return list(dict.fromkeys(found))


def absolute(path: str | Path) -> Path:
    """The path from the root, without `..`; links stay links, for they are the names people know."""
    return Path(os.path.abspath(Path(path).expanduser()))  # noqa: PTH100 (resolve follows links)


def external_id(path: str | Path) -> str:
    """The identity of the document that was added from this file."""
    from samespace.client.uploads import text_of

    return text_of(absolute(path))


def folder_prefix(folder: str | Path) -> str:
    """How the identities of all documents begin that were added from this folder."""
    return external_id(folder).rstrip(os.sep) + os.sep


def walk(folder: Path, *, hidden: bool) -> Iterator[Path]:
    """The files under a folder, by name; links to folders are not followed."""
    for current, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = sorted(name for name in folders if hidden or not name.startswith("."))
        for name in sorted(names):
            path = Path(current) / name
            if (hidden or not name.startswith(".")) and path.is_file():
                yield path


def _files_of(path: str, *, hidden: bool) -> Iterator[Path]:
    place = absolute(path)
    if place.is_dir():
        yield from walk(place, hidden=hidden)
    elif place.exists():
        yield place
    else:
        matches = sorted(glob.glob(str(place), recursive=True, include_hidden=hidden))  # noqa: PTH207 (absolute)
        if not matches:
            raise NotFound(f"there is no file, folder or match for {path!r}")
        for match in matches:
            if Path(match).is_file():
                yield Path(match)


def _refuse(error: OSError) -> None:
    raise Unreadable(f"folder {error.filename} cannot be read: {error.strerror}") from error
