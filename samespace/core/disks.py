"""Room on the disks: what is free where this installation writes, and errors of a disk in our words."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from samespace.core.errors import OutOfSpace, Unavailable
from samespace.core.settings import MB, Settings

_FULL = {errno.ENOSPC, errno.EDQUOT}


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk that this installation writes to: a path on it, and its free bytes."""

    path: Path
    free: int


def check_space(settings: Settings, wanted: int = 0) -> None:
    """OutOfSpace if a disk has less free than `min_free_mb`, or would have after so many more bytes."""
    for disk in disks(settings):
        if disk.free - wanted < settings.min_free_mb * MB:
            more = f", {_mb(wanted)} more are wanted" if wanted else ""
            raise OutOfSpace(
                f"the disk of {disk.path} has {_mb(disk.free)} free{more}, {settings.min_free_mb} MB "
                "are to stay free (SAMESPACE_MIN_FREE_MB); nothing is taken in until there is more"
            )


def check_free(folder: Path, needed: int) -> None:
    """OutOfSpace unless so many bytes are free on the disk of a folder."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise OutOfSpace(f"{folder} has {_mb(free)} free, about {needed // MB + 1} MB are needed")


def disks(settings: Settings) -> list[Disk]:
    """Each disk under the data folder and the blobs once; a folder that is not there yet counts as its parent."""
    found: dict[int, Disk] = {}
    for folder in (settings.data, blob_folder(settings)):
        if folder is not None:
            place = next(path for path in (folder, *folder.absolute().parents) if path.exists())
            found.setdefault(place.stat().st_dev, Disk(folder, shutil.disk_usage(place).free))
    return list(found.values())


def blob_folder(settings: Settings) -> Path | None:
    """Where the originals lie on disk; None if they do not."""
    if settings.blobs_url is None:
        return settings.data / "blobs"
    parts = urlsplit(settings.blobs_url)
    return Path(parts.path) if parts.scheme in {"", "file"} else None


@contextmanager
def disk_errors(what: str) -> Iterator[None]:
    """Raise what the disk raises as OutOfSpace where it is full, else as Unavailable."""
    try:
        yield
    except OSError as error:
        kind = OutOfSpace if error.errno in _FULL else Unavailable
        raise kind(f"{what}: {error.strerror or os.strerror(error.errno or errno.EIO)}") from error


def _mb(size: int) -> str:
    return f"{size / MB:.0f} MB"
