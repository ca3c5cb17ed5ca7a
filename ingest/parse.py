"""Open one document of a known type. Runs in a sandbox child: the bytes are not trusted."""

from dataclasses import dataclass, replace

from ingest.parsed import Drawn, Limits, Parsed, Picture, Source, Text, read_source
from ingest.parsers import docx, html, mail, pdf, picture, text
from samespace.core.errors import SamespaceError, Unreadable, Unsupported

__all__ = ["Drawn", "Limits", "PagesJob", "ParseJob", "Parsed", "Picture", "Text", "parse"]

_READERS = {
    "text/plain": text.read,
    "text/markdown": text.read,
    "text/html": html.read,
    "message/rfc822": mail.read,
    "application/mbox": mail.read,
    "application/pdf": pdf.read,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": docx.read,
    "image/jpeg": picture.read,
    "image/png": picture.read,
    "image/webp": picture.read,
    "image/gif": picture.read,
    "image/tiff": picture.read,
    "image/bmp": picture.read,
    "image/heic": picture.read,
    "image/avif": picture.read,
    "image/jp2": picture.read,
}
_DRAWERS = {"application/pdf": pdf.draw, "image/tiff": picture.draw}
"""What draws the pages in `Parsed.more_pages`."""


def parse(data: bytes, name: str, media_type: str, limits: Limits) -> Parsed:
    """Texts and pictures of a document, in its order.

    Unsupported for another media type; Unreadable, naming the file and the reason, for bytes that
    are empty, damaged, protected or past a limit. MemoryError passes, for the sandbox to tell.
    """
    reader = _READERS.get(media_type)
    if reader is None:
        raise Unsupported(f"{name} is {media_type}, which cannot be opened")
    if not data:
        raise Unreadable(f"{name} is empty")
    try:
        parsed = reader(data, name, limits)
    except (SamespaceError, MemoryError):
        raise
    except Exception as error:  # libraries raise whatever a hostile file makes them stumble over
        raise Unreadable(f"{name} is damaged or no {media_type}") from error
    return _without_blanks(parsed, name)


def _without_blanks(parsed: Parsed, name: str) -> Parsed:
    texts = tuple(text for text in parsed.texts if text.text.strip())
    if texts or parsed.pictures or parsed.more_pages:
        return replace(parsed, texts=texts)
    return replace(
        parsed, texts=(), warnings=(*parsed.warnings, f"{name} holds no text or picture")
    )


@dataclass(frozen=True, slots=True)
class ParseJob:
    """Opening one document, as a job for the sandbox."""

    name: str
    media_type: str
    source: Source
    limits: Limits

    def run(self) -> Parsed:
        """See `parse`."""
        return parse(read_source(self.source), self.name, self.media_type, self.limits)


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
        draw = _DRAWERS[self.media_type]
        return draw(read_source(self.source), self.name, self.pages, self.limits)
