"""Open one document of a known type. Runs in a sandbox child: the bytes are not trusted."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

from ingest.detect import named_as_text
from ingest.formats import registry
from ingest.formats.pdf.row import PDF
from ingest.formats.picture.rows import TIFF
from ingest.formats.text import read as text
from ingest.formats.text.prologue import is_html
from ingest.glance import glance, is_nearly_utf8
from ingest.parsed import Drawn, Limits, Parsed, Picture, Source, Text, read_source
from samespace.core.errors import SamespaceError, Unreadable, Unsupported

__all__ = ["Drawn", "Limits", "PagesJob", "ParseJob", "Parsed", "Picture", "Text", "parse"]

_DRAWERS = {
    PDF.media_type: "ingest.formats.pdf.read:draw",
    TIFF.media_type: "ingest.formats.picture.read:draw",
}
"""What draws the pages in `Parsed.more_pages`."""


def parse(data: bytes, name: str, media_type: str, limits: Limits) -> Parsed:
    """Texts and pictures of a document, in its order.

    Unsupported for another media type; Unreadable, naming the file and the reason, for bytes that
    are empty, damaged, protected or past a limit. MemoryError passes, for the sandbox to tell.
    """
    found = registry.FORMATS.of(media_type)
    if found is None:
        raise Unsupported(f"{name} is {media_type}, which cannot be opened")
    if not data:
        raise Unreadable(f"{name} is empty")
    try:
        parsed: Parsed = named(found.reader)(data, name, limits)
    except (SamespaceError, MemoryError):
        raise
    except Exception as error:  # libraries raise whatever a hostile file makes them stumble over
        raise Unreadable(f"{name} is damaged or no {media_type}") from error
    return _without_blanks(parsed, name)


def open_document(
    data: bytes,
    name: str,
    media_type: str,
    limits: Limits,
    *,
    encoding: str | None = None,
    usual_encoding: str | None = None,
) -> Parsed:
    """The same, of a document as it was taken in.

    `encoding` is what a person said that its text is in, `usual_encoding` what it is taken for where that is neither
    said nor to be seen. What the opener of its type refuses and is a text all the same is read as one, with a warning.
    """
    if _is_text(media_type):
        data, warnings = _recoded(data, name, encoding, usual_encoding)
    else:
        warnings = ()
    try:
        parsed = parse(data, name, media_type, limits)
    except Unreadable:
        if not _may_be_text(data, name, media_type):
            raise
        parsed = _as_text(data, name, media_type, limits)
    if media_type == "text/html" and not parsed.texts and not _is_surely_html(data):
        parsed = _as_text(data, name, media_type, limits)
    return replace(parsed, warnings=(*warnings, *parsed.warnings))


def _recoded(
    data: bytes, name: str, encoding: str | None, usual_encoding: str | None
) -> tuple[bytes, tuple[str, ...]]:
    if encoding is not None:
        return text.recoded(data, name, encoding)
    if usual_encoding is not None:
        return text.recoded_if_unsure(data, name, usual_encoding)
    return data, ()


def _may_be_text(data: bytes, name: str, media_type: str) -> bool:
    """Whether it is a text that only begins as another kind does; a PDF that is damaged or locked is none."""
    is_pdf = b"endobj" in data and not named_as_text(name)
    is_other = not _is_text(media_type) and not is_pdf
    return is_other and glance(data) is not None and is_nearly_utf8(data)


def _is_text(media_type: str) -> bool:
    found = registry.FORMATS.of(media_type)
    return found is not None and found.is_text


def _is_surely_html(data: bytes) -> bool:
    seen = glance(data)
    return seen is not None and is_html(seen, surely=True)


def _as_text(data: bytes, name: str, media_type: str, limits: Limits) -> Parsed:
    parsed = _without_blanks(text.read(data, name, limits), name)
    said = (
        f"{name} begins as {media_type} does but cannot be read as that; it was read as plain text"
    )
    return replace(parsed, warnings=(said, *parsed.warnings))


def _without_blanks(parsed: Parsed, name: str) -> Parsed:
    texts = tuple(text for text in parsed.texts if text.text.strip())
    if texts or parsed.pictures or parsed.more_pages:
        return replace(parsed, texts=texts)
    return replace(
        parsed, texts=(), warnings=(*parsed.warnings, f"{name} holds no text or picture")
    )


def named(place: str) -> Callable[..., Any]:
    """What stands at `module:name`, imported when it is needed."""
    module, _, name = place.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), name)
    return found


@dataclass(frozen=True, slots=True)
class ParseJob:
    """Opening one document, as a job for the sandbox."""

    name: str
    media_type: str
    source: Source
    limits: Limits
    encoding: str | None = None
    usual_encoding: str | None = None

    def run(self) -> Parsed:
        """See `open_document`."""
        return open_document(
            read_source(self.source),
            self.name,
            self.media_type,
            self.limits,
            encoding=self.encoding,
            usual_encoding=self.usual_encoding,
        )


@dataclass(frozen=True, slots=True)
class PagesJob:
    """Drawing further pages of a document, some of `Parsed.more_pages`, as a job for the sandbox."""

    name: str
    media_type: str
    source: Source
    limits: Limits
    pages: tuple[int, ...]

    def run(self) -> Drawn:
        """Pictures of the pages, in their order, but for those that a warning names."""
        draw = named(_DRAWERS[self.media_type])
        drawn: Drawn = draw(read_source(self.source), self.name, self.pages, self.limits)
        return drawn
