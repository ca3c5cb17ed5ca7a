"""Blobs in a folder: `<root>/<kind>/<first two of the hash>/<hash>`."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from samespace.core.errors import NotFound, Unavailable
from samespace.store.blobs import check_key


class DiskBlobs:
    """Blobs on disk; a blob appears whole or not at all."""

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(parents=True, exist_ok=True)

    def put(self, key: str, source: BinaryIO) -> None:
        """Write beside its place, fsync, rename, fsync the folder."""
        path = self._path(key)
        if path.exists():
            return
        try:
            self._make_folder(path.parent)
            self._write(path, source)
        except OSError as error:
            raise Unavailable(f"blob {key} cannot be written: {error.strerror}") from error

    def _make_folder(self, folder: Path) -> None:
        if not folder.exists():
            folder.mkdir(parents=True, exist_ok=True)
            # A blob is only as durable as the folders that lead to it.
            _fsync_folder(folder.parent)
            _fsync_folder(self._root)

    def _write(self, path: Path, source: BinaryIO) -> None:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".new-", delete=False) as new:
            try:
                shutil.copyfileobj(source, new, 1 << 20)
                new.flush()
                os.fsync(new.fileno())
                Path(new.name).replace(path)
            except BaseException:
                Path(new.name).unlink(missing_ok=True)
                raise
        _fsync_folder(path.parent)

    def get(self, key: str) -> bytes:
        """All bytes; NotFound."""
        with self.open(key) as stream:
            return stream.read()

    def open(self, key: str) -> BinaryIO:
        """A readable stream; NotFound."""
        try:
            return self._path(key).open("rb")
        except FileNotFoundError as error:
            raise NotFound(f"there is no blob {key}") from error

    def exists(self, key: str) -> bool:
        """Whether it is there."""
        return self._path(key).exists()

    def delete(self, key: str) -> None:
        """Remove; nothing happens if it is not there."""
        self._path(key).unlink(missing_ok=True)

    def keys(self, kind: str) -> Iterator[str]:
        """All keys of a kind, in order."""
        for path in sorted((self._root / kind).glob("??/*")):
            if not path.name.startswith("."):
                yield f"{kind}/{path.name}"

    def ping(self) -> None:
        """Unavailable unless the folder can be written to."""
        if not os.access(self._root, os.W_OK):
            raise Unavailable(f"the blob folder {self._root} cannot be written to")

    def _path(self, key: str) -> Path:
        kind, name = check_key(key).split("/")
        return self._root / kind / name[:2] / name


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
