"""What a file is, told by its content; the name only tells Markdown from plain text."""

import mimetypes
import re
from pathlib import PurePath
from typing import NamedTuple

import puremagic

from ingest.mail_head import MAIL, MAILBOX, mail_type
from ingest.parsers.text import decode
from samespace.core.errors import Unreadable, Unsupported

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

HEAD_BYTES = 256 * 1024
"""How much of a file `detect` wants to see; a .docx names its parts in the first of these."""
_SAMPLE = 8 * 1024

_SIGNATURES = (
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp"),
    (re.compile(rb"GIF8[79]a"), "image/gif"),
    (re.compile(rb"II[*+]\0|MM\0[*+]"), "image/tiff"),
    (re.compile(rb"BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0", re.DOTALL), "image/bmp"),
    (re.compile(rb"....ftyp(hei[cxms]|hev[cxms])", re.DOTALL), "image/heic"),
    (re.compile(rb"....ftyp(mif1|msf1).{4}(.{4})*?hei[cxms]", re.DOTALL), "image/heic"),
    (re.compile(rb"....ftypavi[fs]", re.DOTALL), "image/avif"),
    (re.compile(rb"\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51"), "image/jp2"),
    (re.compile(rb".{0,1019}%PDF-", re.DOTALL), "application/pdf"),
)
MEDIA_TYPES = tuple(
    sorted(
        {kind for _, kind in _SIGNATURES}
        | {DOCX, MAIL, MAILBOX, "text/html", "text/markdown", "text/plain"}
    )
)
"""What is taken in."""
_HTML = re.compile(
    r"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body|title|meta|script|table)\b",
    re.IGNORECASE | re.DOTALL,
)
_HTML_WHATEVER_THE_NAME = re.compile(
    r"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL
)
_TEXT_BUT_UNSUPPORTED = (
    (
        re.compile(r"\s*(<\?xml.*?\?>|<!--.*?-->|<!doctype svg.*?>|\s)*<svg\b", re.I | re.S),
        "image/svg+xml",
    ),
    (re.compile(r"\{\\rtf"), "application/rtf"),
    (re.compile(r"%!PS"), "application/postscript"),
)
_PART = re.compile(rb"PK\x03\x04.{26}(word|xl|ppt)/", re.DOTALL)
_OFFICE = (
    (b"word", DOCX),
    (b"xl", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"ppt", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
)
_MARKDOWN = frozenset({".md", ".markdown", ".mdown", ".mkd"})
_NAMES = mimetypes.MimeTypes(filenames=())
_NAMES.add_type("image/heic", ".heic")
_NAMES.add_type("image/heic", ".heif")
_NAMES.add_type("image/webp", ".webp")
_NAMES.add_type("image/avif", ".avif")
for _suffix in (".jp2", ".j2k", ".jpf", ".jpx", ".j2c", ".jpc"):
    _NAMES.add_type("image/jp2", _suffix)
_NAMES.add_type(MAILBOX, ".mbox")
for _suffix in (".docx", ".docm", ".dotx", ".dotm"):
    _NAMES.add_type(DOCX, _suffix)


class Detected(NamedTuple):
    """The media type of a file, and a warning where its name says another."""

    media_type: str
    warnings: tuple[str, ...] = ()


def detect(head: bytes, name: str) -> Detected:
    """Tell what a file holds from its first `HEAD_BYTES` bytes (all of them, if it has fewer).

    Unreadable if it is empty; Unsupported, naming what was found, if it is not taken in.
    """
    if not head:
        raise Unreadable(f"{name} is empty")
    media_type = _by_signature(head) or mail_type(head, name) or _by_text(head, name)
    if media_type is None:
        raise Unsupported(f"{name} is {_unsupported(head)}, which is not taken in")
    return Detected(media_type, _warnings(name, media_type))


def detect_text(head: bytes, name: str) -> Detected:
    """A text that was typed, pasted or sent as one stays as it is, though it may look like HTML or another type.

    Unreadable if it is empty; Unsupported if it is no text.
    """
    if not head:
        raise Unreadable(f"{name} is empty")
    if _as_text(head) is None:
        raise Unsupported(f"{name} is {_unsupported(head)}, which is no text")
    return Detected("text/plain")


def _by_signature(head: bytes) -> str | None:
    for pattern, media_type in _SIGNATURES:
        if pattern.match(head):
            return media_type
    return DOCX if _office(head) == DOCX else None


def _office(head: bytes) -> str | None:
    """The kind of an Office Open XML package, by the names of its first parts."""
    if not head.startswith(b"PK\x03\x04"):
        return None
    folders = {part.group(1) for part in _PART.finditer(head)}
    return next((kind for folder, kind in _OFFICE if folder in folders), "application/zip")


def _by_text(head: bytes, name: str) -> str | None:
    text = _as_text(head)
    if text is None or _unsupported_text(text):
        return None
    if PurePath(name).suffix.lower() in _MARKDOWN:
        return "text/html" if _HTML_WHATEVER_THE_NAME.match(text) else "text/markdown"
    if _HTML.match(text) or (_named(name) == "text/html" and "<" in text):
        return "text/html"
    return "text/plain"


def _as_text(head: bytes) -> str | None:
    """The beginning as text; a character may be cut in two where the sample ends."""
    for cut in range(4):
        found = decode(head[: min(len(head), _SAMPLE) - cut])
        if found or len(head) <= _SAMPLE:
            return found[0] if found else None
    return None


def _unsupported_text(text: str) -> str | None:
    return next((kind for pattern, kind in _TEXT_BUT_UNSUPPORTED if pattern.match(text)), None)


def _unsupported(head: bytes) -> str:
    """The best name for what is not taken in."""
    text = _as_text(head)
    known = _unsupported_text(text) if text else _office(head)
    if known:
        return known
    try:
        matches = puremagic.magic_string(head)
    except puremagic.PureError:
        return "of an unknown type"
    return next((match.mime_type for match in matches if match.mime_type), "of an unknown type")


def _named(name: str) -> str | None:
    if PurePath(name).suffix.lower() in _MARKDOWN:
        return "text/markdown"
    return _NAMES.guess_type(PurePath(name).name, strict=False)[0]


def _warnings(name: str, media_type: str) -> tuple[str, ...]:
    named = _named(name)
    if named in {None, media_type} or (media_type == "text/plain" and _is_textual(named)):
        return ()
    return (f"named {name} but holds {media_type}",)


def _is_textual(named: str | None) -> bool:
    kind = named or ""
    return kind.startswith(("text/", "application/")) and kind not in {"application/pdf", DOCX}
