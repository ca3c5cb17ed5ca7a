"""The file of a backup: an uncompressed tar, written and read from its beginning to its end. It may be packed since.

samespace-backup.json    what wrote it, and when
blobs/<kind>/<hash>      originals, thumbnails, files of models
records.db  vectors.db   SQLite, whatever the installation runs on
settings.json            those that were set, without secrets
SHA256SUMS               of everything above, as `sha256sum --check` reads it
manifest.json            how much it holds; without it the file was cut short
"""

import hashlib
import io
import json
import re
import tarfile
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, Self, cast

from samespace.core.errors import InvalidRequest, Unreadable

HEAD, RECORDS, VECTORS, SETTINGS = (
    "samespace-backup.json",
    "records.db",
    "vectors.db",
    "settings.json",
)
SUMS, MANIFEST = "SHA256SUMS", "manifest.json"
_BLOB = re.compile(r"blobs/((?:originals|thumbnails|thumbnails-large|models)/[0-9a-f]{64})")
_CHUNK = 1 << 20
_LARGEST_JSON = 1 << 24


class Writer:
    """Members in the order they are given; `close` ends the archive with its sums and the manifest."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = _Counted(stream)
        self._tar = tarfile.TarFile(
            fileobj=cast("IO[bytes]", self._stream), mode="w", format=tarfile.PAX_FORMAT
        )
        self._sums = tempfile.TemporaryFile()  # noqa: SIM115

    @property
    def size(self) -> int:
        """How many bytes were written."""
        return self._stream.written

    def add(self, name: str, source: BinaryIO, size: int) -> str:
        """Copy so many bytes; their SHA-256. Unreadable if there are fewer."""
        hashed = _Hashed(source, size)
        self._add(name, cast("IO[bytes]", hashed), size)
        self._sums.write(sum_line(name, hashed.digest))
        return hashed.digest

    def add_json(self, name: str, value: object) -> None:
        """A value as JSON."""
        text = _as_json(value)
        self.add(name, io.BytesIO(text), len(text))

    def end(self, manifest: dict[str, Any]) -> None:
        """The sums and, last of all, the manifest."""
        size = self._sums.tell()
        self._sums.seek(0)
        sums = _Hashed(self._sums, size)
        self._add(SUMS, cast("IO[bytes]", sums), size)
        text = _as_json(manifest | {"sums": sums.digest})
        self._add(MANIFEST, io.BytesIO(text), len(text))
        self._tar.close()

    def close(self) -> None:
        """Let go of what is held, ended or not."""
        self._sums.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _add(self, name: str, source: IO[bytes], size: int) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mtime, member.mode = size, int(time.time()), 0o600
        self._tar.addfile(member, source)
        _forget_members(self._tar)


@dataclass(slots=True)
class Member:
    """One member while it is being read."""

    name: str
    size: int
    stream: IO[bytes]

    @property
    def blob_key(self) -> str | None:
        """The key of the blob it is; None if it is none."""
        found = _BLOB.fullmatch(self.name)
        return found[1] if found else None


def members(path: Path) -> Iterator[Member]:
    """The members of a backup, each to be read, or not, before the next one.

    The sums are compared as they pass, and a file that is no whole backup, or is damaged, ends in Unreadable.
    """
    try:
        with tarfile.open(path, "r|*") as tar, tempfile.TemporaryFile() as sums:
            yield from _members(tar, sums, path)
    except (tarfile.TarError, EOFError) as error:
        raise Unreadable(f"{path} is not a backup, or is damaged: {error}") from error
    except FileNotFoundError as error:
        raise InvalidRequest(f"there is no file {path}") from error


def _members(tar: tarfile.TarFile, sums: IO[bytes], path: Path) -> Iterator[Member]:
    name, summed = "", ""
    while (info := tar.next()) is not None:
        _forget_members(tar)
        stream = tar.extractfile(info)
        if stream is None or not (name or info.name == HEAD):
            raise Unreadable(f"{path} is not a backup: it begins with, or holds, {info.name!r}")
        name = info.name
        hashed = _Hashed(stream, info.size)
        if name == SUMS:
            summed = _compare(hashed, sums, path)
        elif name == MANIFEST:
            text = hashed.read(_LARGEST_JSON)
            _check_end(json.loads(text), summed, path)
            yield Member(name, info.size, io.BytesIO(text))
        else:
            yield Member(name, info.size, cast("IO[bytes]", hashed))
            sums.write(sum_line(name, hashed.drained()))
    if name != MANIFEST:
        raise Unreadable(f"{path} is cut short: it ends after {name or 'nothing'}")


def _compare(said: "_Hashed", found: IO[bytes], path: Path) -> str:
    found.seek(0)
    for line in found:
        if said.read(len(line)) != line:
            raise Unreadable(
                f"{path} is damaged: {line.split()[1].decode()} is not what was stored"
            )
    return said.drained()


def _check_end(manifest: dict[str, Any], sums: str, path: Path) -> None:
    if manifest.get("sums") != sums:
        raise Unreadable(f"{path} is damaged: {SUMS} is not what was stored")


def _forget_members(tar: tarfile.TarFile) -> None:
    """It would keep a note of every member it ever saw."""
    cast("Any", tar).members.clear()


def sum_line(name: str, digest: str) -> bytes:
    """A line as `sha256sum` writes it."""
    return f"{digest}  {name}\n".encode()


def _as_json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


class _Counted:
    """A stream that is only written to, for `tarfile`, which asks where it is."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self.written = stream, 0

    def write(self, data: bytes) -> int:
        self._stream.write(data)
        self.written += len(data)
        return len(data)

    def tell(self) -> int:
        return self.written


class _Hashed(io.RawIOBase):
    """What is read from a stream of known length, hashed as it passes."""

    def __init__(self, source: IO[bytes], size: int) -> None:
        self._source, self._left, self._sha256 = source, size, hashlib.sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        try:
            found = self._source.read(wanted)
        except (tarfile.TarError, EOFError) as error:
            raise Unreadable(f"the backup is cut short or damaged: {error}") from error
        if wanted and not found:
            raise Unreadable(f"{self._left} bytes are missing at the end")
        self._left -= len(found)
        self._sha256.update(found)
        return found

    def drained(self) -> str:
        """The SHA-256 of all of it, read to its end."""
        while self._left:
            self.read(_CHUNK)
        return self.digest

    @property
    def digest(self) -> str:
        """The SHA-256 of what was read."""
        return self._sha256.hexdigest()
