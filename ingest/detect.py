"""What a file is, told by its content; the name only tells Markdown from plain text.

It runs in the process of the API, on bytes of anybody: it sees a bounded beginning, decodes nothing but a sample in
the simplest way, and takes time in proportion to it.
"""

import mimetypes
from pathlib import PurePath
from typing import NamedTuple

from ingest import kinds
from ingest.glance import SAMPLE, glance
from ingest.mail_head import MAIL, MAILBOX, mail_type
from ingest.prologue import is_html, written_in_text
from ingest.signatures import DOCX, is_data, is_pdf, package_type, picture_type
from samespace.core.errors import Unreadable, Unsupported

__all__ = [
    "DOCX",
    "HEAD_BYTES",
    "MEDIA_TYPES",
    "Detected",
    "detect",
    "detect_text",
    "named_as_text",
]

HEAD_BYTES = 256 * 1024
"""How much of a file `detect` wants to see; a .docx names its parts in the first of these."""

MEDIA_TYPES = (
    MAILBOX,
    "application/pdf",
    DOCX,
    "image/avif",
    "image/bmp",
    "image/gif",
    "image/heic",
    "image/jp2",
    "image/jpeg",
    "image/png",
    "image/tiff",
    "image/webp",
    MAIL,
    "text/html",
    "text/markdown",
    "text/plain",
)
"""What is taken in."""
_MARKDOWN = frozenset({".md", ".markdown", ".mdown", ".mkd"})
_AS_WRITTEN = "taken in as the text it is written in"
_PLAIN = frozenset({"text/plain", "text/markdown"})
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_NAMES = mimetypes.MimeTypes(filenames=())
for _type, _suffixes in {
    "image/heic": (".heic", ".heif"),
    "image/avif": (".avif", ".avifs"),
    "image/jp2": (".jp2", ".j2k", ".jpf", ".jpx", ".j2c", ".jpc"),
    "image/webp": (".webp",),
    "text/plain": (".log", ".text"),
    MAILBOX: (".mbox",),
    DOCX: (".docx", ".docm", ".dotx", ".dotm"),
}.items():
    for _suffix in _suffixes:
        _NAMES.add_type(_type, _suffix)


class Detected(NamedTuple):
    """The media type of a file, and a warning where its name says another."""

    media_type: str
    warnings: tuple[str, ...] = ()


def detect(head: bytes, name: str, encoding: str | None = None) -> Detected:
    """Tell what a file holds from its first `HEAD_BYTES` bytes (all of them, if it has fewer).

    `encoding` of its text where that is known. Unreadable if it is empty; Unsupported, saying what was found, if it
    is not taken in.
    """
    if not head:
        raise Unreadable(f"{name} is empty")
    picture = picture_type(head)
    if picture:
        return _told(name, picture)
    text = None if is_data(head) else glance(head, encoding)
    if is_pdf(head, is_text=text is not None):
        return _told(name, "application/pdf")
    mail = mail_type(head, name)
    if mail:
        return _told(name, mail)
    if text is not None:
        return _by_text(text, name, is_cut=len(head) > SAMPLE)
    package = package_type(head)
    if package == DOCX:
        return _told(name, DOCX)
    raise Unsupported(kinds.what_is_wrong(name, _suffix_of(name), package, head))


def detect_text(head: bytes, name: str, encoding: str | None = None) -> Detected:
    """A text that was typed, pasted or sent as one stays as it is, though it may look like HTML or another type.

    Unreadable if it is empty; Unsupported if it is no text.
    """
    if not head:
        raise Unreadable(f"{name} is empty")
    if glance(head, encoding) is None:
        raise Unsupported(f"{name} holds bytes that are no text")
    return Detected("text/plain")


def is_of_name(warning: str) -> bool:
    """Whether a warning is one of these, about the name of a file, and not about how it was read."""
    return warning.startswith("named ") or warning.endswith(_AS_WRITTEN)


def named_as_text(name: str) -> bool:
    """Whether the name says that it is plain text or Markdown."""
    return _named(name) in _PLAIN


def _by_text(text: str, name: str, *, is_cut: bool) -> Detected:
    named = _named(name)
    written = written_in_text(text, is_cut=is_cut)
    if written and named not in _PLAIN:
        raise Unsupported(f"{name} is {kinds.name_of(written)} which is not taken in")
    if written:
        said = f"{name} holds {kinds.name_of(written)} {_AS_WRITTEN}"
        return Detected(_plain(name), (said,))
    if (named in _HTML and "<" in text) or is_html(text, surely=named is not None):
        return _told(name, "text/html")
    return _told(name, _plain(name))


def _plain(name: str) -> str:
    return "text/markdown" if _suffix_of(name) in _MARKDOWN else "text/plain"


def _told(name: str, media_type: str) -> Detected:
    named = _named(name)
    if named in {None, media_type} or (media_type == "text/plain" and _is_textual(named)):
        return Detected(media_type)
    if media_type == "text/html" and named in _HTML:
        return Detected(media_type)
    return Detected(media_type, (f"named {name} but holds {media_type}",))


def _named(name: str) -> str | None:
    if _suffix_of(name) in _MARKDOWN:
        return "text/markdown"
    return _NAMES.guess_type(PurePath(name).name, strict=False)[0]


def _suffix_of(name: str) -> str:
    return PurePath(name).suffix.lower()


def _is_textual(named: str | None) -> bool:
    kind = named or ""
    return kind.startswith(("text/", "application/")) and kind not in {"application/pdf", DOCX}
