"""What a file is, told by its content; the name only tells Markdown from plain text.

It runs in the process of the API, on bytes of anybody: it sees a bounded beginning, decodes nothing but a sample in
the simplest way, and takes time in proportion to it.
"""

from typing import NamedTuple

from ingest import kinds
from ingest.formats import registry
from ingest.formats.base import Format, Seen, suffix_of
from ingest.formats.text.prologue import written_in_text
from ingest.formats.text.rows import MARKDOWN, PLAIN
from ingest.glance import glance
from ingest.signatures import DOCX, package_type
from samespace.core.errors import Unreadable, Unsupported

__all__ = ["DOCX", "HEAD_BYTES", "Detected", "detect", "detect_text", "named_as_text"]

HEAD_BYTES = 256 * 1024
"""How much of a file `detect` wants to see; a .docx names its parts in the first of these."""

_AS_WRITTEN = "taken in as the text it is written in"


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
    seen = Seen(head, name, registry.FORMATS.named(name), encoding)
    found = _first(seen, is_text=False)
    if found is not None:
        return _told(seen, found)
    if seen.text is not None:
        return _by_text(seen, seen.text)
    raise Unsupported(kinds.what_is_wrong(name, seen.suffix, package_type(head), head))


def detect_text(head: bytes, name: str, encoding: str | None = None) -> Detected:
    """A text that was typed, pasted or sent as one stays as it is, though it may look like HTML or another type.

    Unreadable if it is empty; Unsupported if it is no text.
    """
    if not head:
        raise Unreadable(f"{name} is empty")
    if glance(head, encoding) is None:
        raise Unsupported(f"{name} holds bytes that are not text")
    return Detected("text/plain")


def marked(head: bytes, name: str) -> str | None:
    """The media type that the marks at its beginning say; None where there are none, as of a text."""
    found = _first(Seen(head, name), is_text=False)
    return found.media_type if found else None


def is_of_name(warning: str) -> bool:
    """Whether a warning is one of these, about the name of a file, and not about how it was read."""
    return warning.startswith("named ") or warning.endswith(_AS_WRITTEN)


def named_as_text(name: str) -> bool:
    """Whether the name says that it is plain text or Markdown."""
    return _is_plain(registry.FORMATS.named(name))


def _first(seen: Seen, *, is_text: bool) -> Format | None:
    rows = registry.FORMATS.rows
    return next((row for row in rows if row.is_text is is_text and row.sniff(seen)), None)


def _by_text(seen: Seen, text: str) -> Detected:
    written = written_in_text(text, is_cut=seen.is_cut)
    if written and not _is_plain(seen.named):
        raise Unsupported(f"{seen.name} is {kinds.name_of(written)} which is not taken in")
    if written:
        said = f"{seen.name} holds {kinds.name_of(written)} {_AS_WRITTEN}"
        is_markdown = suffix_of(seen.name) in MARKDOWN.suffixes
        return Detected((MARKDOWN if is_markdown else PLAIN).media_type, (said,))
    return _told(seen, _first(seen, is_text=True) or PLAIN)


def _told(seen: Seen, found: Format) -> Detected:
    if seen.named in {None, *found.media_types} or (found is PLAIN and _is_textual(seen.named)):
        return Detected(found.media_type)
    return Detected(found.media_type, (f"named {seen.name} but holds {found.media_type}",))


def _is_plain(media_type: str | None) -> bool:
    found = registry.FORMATS.of(media_type)
    return found is not None and found.is_plain


def _is_textual(named: str | None) -> bool:
    """Whether what has this media type may be a plain text all the same, such as a program."""
    found = registry.FORMATS.of(named)
    is_written = (named or "").startswith(("text/", "application/"))
    return is_written and (found is None or found.is_text)
