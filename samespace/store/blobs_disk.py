"""Blobs in a folder: `<root>/<kind>/<first two of the hash>/<hash>`."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from samespace.core.disks import disk_errors
from samespace.core.errors import NotFound, Unavailable
from samespace.core.faults import fault_point
from samespace.core.files import fsync
from samespace.store.blobs import check_key, is_key

_NEW = ".new-"
# A file system writes down together what is asked of it in the same moment.
_SYNCS_AT_ONCE = 16


class DiskBlobs:
    """Blobs on disk; a blob appears whole or not at all."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._syncs = ThreadPoolExecutor(_SYNCS_AT_ONCE, thread_name_prefix="fsync")
        root.mkdir(parents=True, exist_ok=True)

    def put(self, key: str, source: BinaryIO) -> None:
        """Write beside its place, fsync, rename, fsync the folder."""
        [fault] = self.put_all([(key, source)])
        if fault is not None:
            raise fault

    def put_all(self, blobs: Sequence[tuple[str, BinaryIO]]) -> list[Unavailable | None]:
        """Write all beside their places, fsync them together, rename them, fsync their folders together."""
        puts = {key: _Put(key, self._path(key), source) for key, source in blobs}
        if puts:
            with disk_errors(f"blob {next(iter(puts))} cannot be written"):
                self._make_folders({put.path.parent for put in puts.values()})
        try:
            _write_all(list(puts.values()))
            self._sync_all(puts.values(), lambda put: put.new)
            for put in puts.values():
                put.settle()
            # Whoever put those that were there already may not have come so far as to sync the folder.
            self._sync_all(puts.values(), lambda put: put.path.parent)
        finally:
            for put in puts.values():
                put.clean()
        return [puts[key].fault for key, _ in blobs]

    def _make_folders(self, folders: Iterable[Path]) -> None:
        new = [folder for folder in folders if not folder.exists()]
        for folder in new:
            folder.mkdir(parents=True, exist_ok=True)
        # A blob is only as durable as the folders that lead to it.
        for above in {folder.parent for folder in new} | ({self._root} if new else set()):
            fsync(above)

    def _sync_all(self, puts: Iterable["_Put"], place_of: Callable[["_Put"], Path | None]) -> None:
        """fsync a place of each that has had no fault, at the same time."""
        places = {put.key: place for put in puts if put.fault is None and (place := place_of(put))}
        distinct = list(dict.fromkeys(places.values()))
        parts = [distinct[start::_SYNCS_AT_ONCE] for start in range(_SYNCS_AT_ONCE)]
        run = map if len(distinct) == 1 else self._syncs.map
        errors = {
            path: error for faults in run(_sync_some, filter(None, parts)) for path, error in faults
        }
        for put in puts if errors else ():
            error = errors.get(places[put.key]) if put.key in places else None
            if error is not None:
                put.blame(error)

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


@dataclass(slots=True)
class _Put:
    """A blob on its way to its place, beside which it is written first (not where it is there already)."""

    key: str
    path: Path
    source: BinaryIO
    new: Path | None = None
    fault: Unavailable | None = None

    def write(self) -> None:
        """Put it beside its place, unless it is there already."""
        try:
            if not self.path.exists():
                self._write()
        except OSError as error:
            self.blame(error)

    def _write(self) -> None:
        with tempfile.NamedTemporaryFile(dir=self.path.parent, prefix=_NEW, delete=False) as new:
            self.new = Path(new.name)
            fault_point("blobs.write")
            shutil.copyfileobj(self.source, new, 1 << 20)

    def settle(self) -> None:
        """Give it its name, once it is on disk."""
        if self.new is None or self.fault is not None:
            return
        try:
            self.new.replace(self.path)
        except OSError as error:
            self.blame(error)
        else:
            self.new = None

    def clean(self) -> None:
        """Leave nothing beside its place."""
        if self.new is not None:
            self.new.unlink(missing_ok=True)

    def blame(self, error: OSError) -> None:
        """Keep what the disk said, in our words."""
        try:
            with disk_errors(f"blob {self.key} cannot be written"):
                raise error
        except Unavailable as fault:
            self.fault = fault


def _write_all(puts: Sequence[_Put]) -> None:
    """Those that are not there yet; after one that cannot be written, none is tried."""
    for place, put in enumerate(puts):
        put.write()
        if put.fault is not None:
            for untried in puts[place:]:
                untried.fault = put.fault
            return


@contextmanager
def _finding(key: str) -> Iterator[None]:
    with disk_errors(f"blob {key} cannot be read"):
        try:
            yield
        except FileNotFoundError as error:
            raise NotFound(f"there is no blob {key}") from error


def _sync_some(paths: Iterable[Path]) -> list[tuple[Path, OSError]]:
    """fsync one after another; those that could not be, and why."""
    faults = []
    for path in paths:
        try:
            fsync(path)
        except OSError as error:
            faults.append((path, error))
    return faults
