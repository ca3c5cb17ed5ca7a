"""Reading multipart/form-data: the files of a request go one after another into one unnamed file on disk."""

import io
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, BinaryIO

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from samespace.core.disks import disk_errors
from samespace.core.errors import InvalidRequest, TooLarge
from samespace.core.faults import fault_point
from samespace.core.settings import Settings

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

_BUFFER = 1 << 20


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file of a form: the field it came in, its name, its bytes."""

    key: str
    name: str
    stream: BinaryIO
    size: int


@dataclass(frozen=True, slots=True)
class Form:
    """A form as it was sent, files in order; one field of a name, the last."""

    fields: dict[str, str]
    files: list[FilePart]


@asynccontextmanager
async def read_form(request: Request, settings: Settings) -> AsyncIterator[Form]:
    """The form in the body of a request; its files are there until the end of the block.

    However large the files are, a few MB of memory and one file descriptor are used. InvalidRequest for
    a body that is no form, TooLarge for more files or longer text fields than allowed.
    """
    with disk_errors("the upload cannot be kept"):
        file = TemporaryFile(dir=_folder(settings), buffering=0)  # noqa: SIM115
    with file as disk:
        reader = _Reader(settings)
        parser = _parser(request, reader)
        async for chunk in request.stream():
            _feed(parser, chunk)
            if len(reader.buffer) >= _BUFFER:
                await run_in_threadpool(reader.flush, disk)
        if not reader.ended:
            raise InvalidRequest("the form ends before its closing boundary")
        await run_in_threadpool(reader.flush, disk)
        yield Form(reader.fields, reader.files(disk.fileno()))


def _folder(settings: Settings) -> Path:
    # Beside the blobs, not in /tmp: that may be memory.
    settings.data.mkdir(parents=True, exist_ok=True)
    return settings.data


def _parser(request: Request, reader: "_Reader") -> MultipartParser:
    _, options = parse_options_header(request.headers.get("content-type"))
    boundary = options.get(b"boundary")
    if not boundary:
        raise InvalidRequest("the Content-Type of the form names no boundary")
    try:
        return MultipartParser(boundary, reader.callbacks())
    except FormParserError as error:
        raise InvalidRequest(f"the form cannot be read: {error}") from error


def _feed(parser: MultipartParser, chunk: bytes) -> None:
    try:
        parser.write(chunk)
    except FormParserError as error:
        raise InvalidRequest(f"the form cannot be read: {error}") from error


@dataclass(slots=True)
class _Part:
    """A part on its way in, of the form's field `key`; `name` is None for a text."""

    key: str = ""
    name: str | None = None
    start: int = 0
    size: int = 0
    text: bytearray = field(default_factory=bytearray)


@dataclass(slots=True)
class _Reader:
    """What the parser calls."""

    settings: Settings
    fields: dict[str, str] = field(default_factory=dict)
    buffer: bytearray = field(default_factory=bytearray)
    ended: bool = False
    _parts: list[_Part] = field(default_factory=list)
    _texts: int = 0
    _part: _Part = field(default_factory=_Part)
    _written: int = 0
    _text_bytes: int = 0
    _header: bytearray = field(default_factory=bytearray)
    _value: bytearray = field(default_factory=bytearray)

    def callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._on_part_begin,
            "on_header_field": self._on_header_field,
            "on_header_value": self._on_header_value,
            "on_header_end": self._on_header_end,
            "on_headers_finished": self._on_headers_finished,
            "on_part_data": self._on_part_data,
            "on_part_end": self._on_part_end,
            "on_end": self._on_end,
        }

    def flush(self, disk: BinaryIO | io.FileIO) -> None:
        """Write what has come in."""
        rest = memoryview(self.buffer)
        with disk_errors("the upload cannot be kept"):
            fault_point("upload.write")
            while rest:
                rest = rest[disk.write(rest) or 0 :]
        self.buffer = bytearray()

    def files(self, descriptor: int) -> list[FilePart]:
        return [
            FilePart(part.key, part.name, _section(descriptor, part.start, part.size), part.size)
            for part in self._parts
            if part.name is not None
        ]

    def _on_part_begin(self) -> None:
        self._part = _Part(start=self._written)

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            _, options = parse_options_header(bytes(self._value))
            self._part.key = _decode(options.get(b"name", b""))
            self._part.name = _decode(options[b"filename"]) if b"filename" in options else None
        self._header.clear()
        self._value.clear()

    def _on_headers_finished(self) -> None:
        if self._part.name is None:
            self._count_field()
            return
        most = self.settings.max_files
        self._parts.append(self._part)
        if len(self._parts) > most:
            raise TooLarge(f"the request has more than {most} files, the most taken at once")

    def _count_field(self) -> None:
        """Each that is sent, of one name or of many: a form of empty fields is read for minutes."""
        self._texts += 1
        if self._texts > self.settings.max_files:
            raise TooLarge(f"the form has more than {self.settings.max_files} fields")

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        if self._part.name is None:
            self._part.text += data[start:end]
            self._count_text(end - start)
        else:
            self.buffer += data[start:end]
            self._part.size += end - start
            self._written += end - start

    def _count_text(self, size: int) -> None:
        most = self.settings.max_json_bytes
        self._text_bytes += size
        if self._text_bytes > most:
            raise TooLarge(f"the text fields of the form have more than {most} bytes, the limit")

    def _on_part_end(self) -> None:
        if self._part.name is None:
            self.fields[self._part.key] = _decode(bytes(self._part.text))

    def _on_end(self) -> None:
        self.ended = True


def _decode(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _section(descriptor: int, start: int, size: int) -> BinaryIO:
    return io.BufferedReader(_Section(descriptor, start, size))


class _Section(io.RawIOBase):
    """A stretch of a file as a file; several can be read side by side."""

    def __init__(self, descriptor: int, start: int, size: int) -> None:
        self._descriptor = descriptor
        self._start = start
        self._size = size
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        most = min(len(buffer), max(0, self._size - self._position))
        read = os.preadv(
            self._descriptor, [memoryview(buffer)[:most]], self._start + self._position
        )
        self._position += read
        return read
