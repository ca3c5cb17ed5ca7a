"""Blobs in a folder: `<root>/<kind>/<first two of the hash>/<hash>`."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from samespace.core.errors import NotFound, Unavailable
from samespace.core.faults import reach
from samespace.core.space import disk_errors
from samespace.store.blobs import check_key, is_key

_NEW = ".new-"


class DiskBlobs:
    """Blobs on disk; a blob appears whole or not at all."""

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(parents=True, exist_ok=True)

    def put(self, key: str, source: BinaryIO) -> None:
        """Write beside its place, fsync, rename, fsync the folder."""
        path = self._path(key)
        with disk_errors(f"blob {key} cannot be written"):
            if path.exists():
                # Whoever put it may not have come so far as to sync the folder.
                _fsync_folder(path.parent)
                return
            self._make_folder(path.parent)
            self._write(path, source)

    def _make_folder(self, folder: Path) -> None:
        if not folder.exists():
            folder.mkdir(parents=True, exist_ok=True)
            # A blob is only as durable as the folders that lead to it.
            _fsync_folder(folder.parent)
            _fsync_folder(self._root)

    def _write(self, path: Path, source: BinaryIO) -> None:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=_NEW, delete=False) as new:
            try:
                reach("blobs.write")
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
        with self.open(key) as stream, disk_errors(f"blob {key} cannot be read"):
            return stream.read()

    def open(self, key: str) -> BinaryIO:
        """A readable stream; NotFound."""
        with _finding(key):
            return self._path(key).open("rb")

    def exists(self, key: str) -> bool:
        """Whether it is there."""
        with disk_errors(f"blob {key} cannot be looked for"):
            return self._path(key).exists()

    def delete(self, key: str) -> None:
        """Remove; nothing happens if it is not there."""
        with disk_errors(f"blob {key} cannot be deleted"):
            self._path(key).unlink(missing_ok=True)

    def keys(self, kind: str) -> Iterator[str]:
        """All keys of a kind, in order."""
        # A folder at a time: the names of all blobs would not fit into memory everywhere.
        for folder in sorted((self._root / kind).glob("??")):
            for name in sorted(path.name for path in folder.iterdir()):
                if is_key(f"{kind}/{name}"):
                    yield f"{kind}/{name}"

    def stored_at(self, key: str) -> float:
        """When it was written; NotFound."""
        with _finding(key):
            return self._path(key).stat().st_mtime

    def leftovers(self, silent_for: float) -> Iterator[str]:
        """Temporary files, as paths under the root."""
        newest = time.time() - silent_for
        for path in self._root.glob(f"*/??/{_NEW}*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < newest:
                    yield str(path.relative_to(self._root))

    def remove_leftover(self, name: str) -> None:
        """Remove a temporary file."""
        (self._root / name).unlink(missing_ok=True)

    def ping(self) -> None:
        """Unavailable unless the folder can be written to."""
        if not os.access(self._root, os.W_OK):
            raise Unavailable(f"the blob folder {self._root} cannot be written to")

    def _path(self, key: str) -> Path:
        kind, name = check_key(key).split("/")
        return self._root / kind / name[:2] / name


@contextmanager
def _finding(key: str) -> Iterator[None]:
    with disk_errors(f"blob {key} cannot be read"):
        try:
            yield
        except FileNotFoundError as error:
            raise NotFound(f"there is no blob {key}") from error


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
