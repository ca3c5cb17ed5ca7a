"""Answers that carry a user's bytes: nothing in them is run by a browser, whole or in part, fresh or known."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import Response, StreamingResponse

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",
}
"""Of every answer with bytes that somebody uploaded."""

_CHUNK = 1 << 18
_LONGEST_NAME = 150
_PICTURES = ("jpeg", "png", "webp", "gif", "tiff", "bmp", "heic")
_SAFE = frozenset({"application/pdf", *(f"image/{kind}" for kind in _PICTURES)})
_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)
_ODD = re.compile(r"[^A-Za-z0-9 ._()+,=@-]")


@dataclass(frozen=True, slots=True)
class Download:
    """Bytes to be sent: their size, their type, the name to save them under, and what changes when they do."""

    size: int
    media_type: str
    name: str
    etag: str


def safe_type(media_type: str) -> str:
    """The type that bytes are sent as: any text as plain text, what a browser might run as bytes."""
    if media_type.startswith("text/"):
        return "text/plain; charset=utf-8"
    return media_type if media_type in _SAFE else "application/octet-stream"


def disposition(name: str) -> str:
    """Content-Disposition (RFC 6266), always an attachment; no name can end the header or choose a folder."""
    plain = "".join("_" if unicodedata.category(c)[0] in "CZ" and c != " " else c for c in name)
    plain = re.sub(r'[/\\:*?"<>|]', "_", plain).strip(" .") or "document"
    stem, dot, suffix = plain.rpartition(".")
    if len(plain) > _LONGEST_NAME:
        plain = f"{stem[: _LONGEST_NAME - 16]}{dot}{suffix[:15]}" if stem else plain[:_LONGEST_NAME]
    ascii_name = _ODD.sub("_", plain)
    encoded = quote(plain, safe="", errors="replace")
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{encoded}"


def is_known(headers: Headers, etag: str) -> bool:
    """Whether the sender has these bytes already (If-None-Match)."""
    known = [
        each.strip().removeprefix("W/") for each in headers.get("if-none-match", "").split(",")
    ]
    return etag in known or "*" in known


def not_modified(etag: str, headers: Mapping[str, str]) -> Response:
    """What is answered then."""
    return Response(status_code=304, headers={**headers, "ETag": etag})


def send(stream: BinaryIO, what: Download, asked: Headers) -> Response:
    """The bytes, or the one range of them that was asked for (RFC 9110, 14); the stream is closed afterwards."""
    headers = {
        **HEADERS,
        "Accept-Ranges": "bytes",
        "Content-Disposition": disposition(what.name),
        "ETag": what.etag,
    }
    start, end = _range(asked, what)
    if start >= end and what.size:
        stream.close()
        headers["Content-Range"] = f"bytes */{what.size}"
        return Response(status_code=416, headers=headers)
    is_part = (start, end) != (0, what.size)
    if is_part:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{what.size}"
    headers["Content-Length"] = str(end - start)
    return StreamingResponse(
        _pieces(stream, start, end),
        206 if is_part else 200,
        headers=headers,
        media_type=safe_type(what.media_type),
    )


def _range(asked: Headers, what: Download) -> tuple[int, int]:
    """Where to start and end; everything where no single range is asked for, or of other bytes than these."""
    found = _RANGE.fullmatch(asked.get("range", "").strip())
    if found is None or asked.get("if-range", what.etag) != what.etag:
        return 0, what.size
    first, last = found.groups()
    if len(first) > 18 or len(last) > 18 or not (first or last):
        return 0, what.size
    if not first:
        return max(0, what.size - int(last)), what.size
    if last and int(last) < int(first):
        return 0, what.size
    return int(first), min(what.size, int(last) + 1) if last else what.size


def _pieces(stream: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    with stream:
        _skip(stream, start)
        left = end - start
        while left and (piece := stream.read(min(_CHUNK, left))):
            left -= len(piece)
            yield piece


def _skip(stream: BinaryIO, size: int) -> None:
    """To this place; what comes from a bucket has to be read for it."""
    if stream.seekable():
        stream.seek(size)
        return
    while size and (piece := stream.read(min(_CHUNK, size))):
        size -= len(piece)
