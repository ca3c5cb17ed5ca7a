"""Models whose files are blobs: fetched by hash into a folder of this machine when opened, whole or not at all.

A manifest names the files with their hashes; the model is known by the hash of its manifest.
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from samespace.core.disks import disk_errors
from samespace.core.errors import NotFound, OutOfSpace, Unavailable
from samespace.core.faults import fault_point
from samespace.core.types import PACKED, Space
from samespace.encoders.clip import LOCAL
from samespace.encoders.presets import OPEN_CLIP
from samespace.encoders.weights import sha256_of

KIND = "models"
"""The kind of blob that its files and its manifest are."""
_FORMAT = 1
_CHUNK = 1 << 20

OpenBlob = Callable[[str], BinaryIO]
"""A stream of the blob under a key; NotFound, Unavailable."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The files of a model: SHA-256 and size in bytes by relative path."""

    files: Mapping[str, tuple[str, int]]

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(size for _, size in self.files.values())

    def to_json(self) -> bytes:
        """Always the same bytes for the same files; their SHA-256 is what the model is known by."""
        files = {path: {"sha256": hash, "size": size} for path, (hash, size) in self.files.items()}
        return json.dumps({"format": _FORMAT, "files": files}, sort_keys=True).encode()

    @property
    def hash(self) -> str:
        """What the model is known by."""
        return hashlib.sha256(self.to_json()).hexdigest()


def manifest_of(folder: Path) -> Manifest:
    """Of all that lies in a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return Manifest(
        {
            path.relative_to(folder).as_posix(): (sha256_of(path), path.stat().st_size)
            for path in files
        }
    )


def key_of(hash: str) -> str:
    """The key of a file's blob."""
    return f"{KIND}/{hash}"


@dataclass(frozen=True, slots=True)
class PackedModels:
    """The folders of packed models inside `models`, fetched through `open_blob` where they are not there."""

    models: Path
    open_blob: OpenBlob

    def at_home(self, space: Space) -> Space:
        """The space with its model as a folder of this machine, fetched if need be; any other as it is.

        Unavailable if a file cannot be had or is damaged, OutOfSpace if there is no room.
        """
        if not space.model.startswith(PACKED):
            return space
        folder = str(self.fetch(space.model.removeprefix(PACKED)))
        return replace(space, model=LOCAL + folder if space.kind == OPEN_CLIP else folder)

    def fetch(self, hash: str) -> Path:
        """The folder of the model with this manifest, each file checked; raises as `at_home` does.

        Any number of processes may call at once; one fetches, and goes on where one that died had come to.
        """
        folder = folder_of(self.models, hash)
        with disk_errors(f"model {hash[:12]} cannot be written to {folder}"), alone(folder):
            manifest = self._manifest(folder, hash)
            if not is_whole(folder, manifest):
                self._fetch(folder, manifest)
        return folder

    def _manifest(self, folder: Path, hash: str) -> Manifest:
        """From beside its folder, or from the blobs; checked."""
        kept = beside(folder, ".json")
        try:
            return read_manifest(kept.read_bytes(), hash)
        except (OSError, Unavailable):
            with self._stream(hash, f"the manifest of model {hash[:12]}") as stream:
                raw = stream.read()
        manifest = read_manifest(raw, hash)
        kept.write_bytes(raw)
        return manifest

    def _fetch(self, folder: Path, manifest: Manifest) -> None:
        new = beside(folder, ".new")
        check_room(self.models, manifest)
        for path, (hash, size) in manifest.files.items():
            self._fetch_file(new / path, hash, size)
        fault_point("model.fetched")
        settle(new, folder)

    def _fetch_file(self, file: Path, hash: str, size: int) -> None:
        """Unless it is there, whole, since a fetch that was cut short."""
        if file.is_file() and file.stat().st_size == size and sha256_of(file) == hash:
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        with self._stream(hash, file.name) as stream, file.open("wb") as copy:
            while some := stream.read(_CHUNK):
                digest.update(some)
                copy.write(some)
        if digest.hexdigest() != hash:
            file.unlink()
            raise Unavailable(
                f"blob {key_of(hash)} ({file.name} of a model) is damaged: its bytes have another hash; "
                "`samespace verify --repair` puts it back from a machine that has the model"
            )

    def _stream(self, hash: str, what: str) -> BinaryIO:
        try:
            return self.open_blob(key_of(hash))
        except (
            NotFound
        ) as error:  # it is not the one who asks that asks for something that is not there
            raise Unavailable(
                f"blob {key_of(hash)} ({what}) is missing: `samespace verify --repair` puts it back from a machine "
                "that has the model"
            ) from error


def read_manifest(raw: bytes, hash: str) -> Manifest:
    """The manifest with this hash; Unavailable if the bytes are others, or name a file outside of their folder."""
    if hashlib.sha256(raw).hexdigest() != hash:
        raise Unavailable(
            f"the manifest of model {hash[:12]} is damaged: its bytes have another hash"
        )
    said = json.loads(raw)
    if said["format"] != _FORMAT:
        raise Unavailable(f"model {hash[:12]} was packed by a newer release")
    files = {path: (str(one["sha256"]), int(one["size"])) for path, one in said["files"].items()}
    for path in files:
        if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
            raise Unavailable(f"model {hash[:12]} names {path!r}, which is outside of its folder")
    return Manifest(files)


def folder_of(models: Path, hash: str) -> Path:
    """Where the model with this manifest lies on this machine."""
    return models.absolute() / f"packed-{hash[:32]}"


def folders(models: Path) -> Iterator[tuple[Path, Path]]:
    """The packed models that lie on this machine, each with its manifest."""
    for folder in sorted(models.absolute().glob("packed-*")):
        if folder.is_dir():
            yield folder, beside(folder, ".json")


def beside(folder: Path, end: str) -> Path:
    """A file or folder that belongs to that of a model: `.lock`, `.json` (its manifest), `.new` (on its way)."""
    return folder.with_name(f".{folder.name}{end}")


def is_whole(folder: Path, manifest: Manifest) -> bool:
    """Whether every file is there and has the bytes it should have."""
    try:
        return all(
            (folder / path).stat().st_size == size and sha256_of(folder / path) == hash
            for path, (hash, size) in manifest.files.items()
        )
    except OSError:
        return False


def settle(new: Path, folder: Path) -> None:
    """Give a folder that is written its place, in one step; a damaged one there goes first.

    Whoever has a file of that one open keeps what it opened.
    """
    for path in (new, *new.rglob("*")):
        _fsync(path)
    if folder.exists():
        old = beside(folder, ".old")
        shutil.rmtree(old, ignore_errors=True)
        folder.rename(old)
        shutil.rmtree(old, ignore_errors=True)
    new.rename(folder)
    _fsync(folder.parent)


def check_room(models: Path, manifest: Manifest) -> None:
    """OutOfSpace unless the files have room in the folder of models."""
    free = shutil.disk_usage(models).free
    if free < manifest.size:
        raise OutOfSpace(
            f"a model of {manifest.size >> 20} MB has no room in {models}, where {free >> 20} MB are free; "
            "SAMESPACE_MODELS names another place"
        )


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One process and thread at a time for a model; the lock of one that dies goes with it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with beside(folder, ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
