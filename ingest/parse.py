"""Open one document of a known type. Runs in a sandbox child: the bytes are not trusted."""

from dataclasses import dataclass, replace

from ingest import held
from ingest.detect import named_as_text
from ingest.formats import registry
from ingest.formats.text import read as text
from ingest.formats.text.prologue import is_html
from ingest.formats.text.rows import PLAIN
from ingest.glance import glance, is_nearly_utf8
from ingest.open_document import OpenDocument, open_with, said
from ingest.parsed import Limits, Parsed, Read, Source, read_source
from samespace.core.errors import SamespaceError, Unreadable, Unsupported

__all__ = ["Limits", "ParseJob", "Parsed", "ReadJob", "parse"]


@dataclass(frozen=True, slots=True)
class ParseJob:
    """Opening one document, as a job for the sandbox; it stays open under its key while some of it has to be read.

    `encoding` is what a person said that its text is in, `usual_encoding` what it is taken for where that is neither
    said nor to be seen. `reader` reads it, the one of its media type unless it is named.
    """

    name: str
    media_type: str
    source: Source
    limits: Limits
    encoding: str | None = None
    usual_encoding: str | None = None
    reader: str | None = None
    key: str = ""

    def run(self) -> Parsed:
        """Its contents, of which as many are decoded as may be at once."""
        document = self.open()
        parsed = held.first_of(document, self.limits)
        held.keep(self.key, document, parsed.waiting)
        return parsed

    def open(self) -> OpenDocument:
        """The document; what its reader refuses and is a text all the same is read as one, with a warning."""
        data, name = read_source(self.source), self.name
        warnings: tuple[str, ...] = ()
        if _is_text(self.media_type):
            data, warnings = self._recoded(data)
        try:
            document = _open(data, name, self.media_type, self.limits, self.reader)
        except Unreadable:
            if not _may_be_text(data, name, self.media_type):
                raise
            document = _as_text(data, name, self.media_type, self.limits)
        is_page = self.media_type == "text/html"
        if is_page and not document.contents and not _is_surely_html(data):
            document = _as_text(data, name, self.media_type, self.limits)
        return replace(document, warnings=(*warnings, *document.warnings))

    def _recoded(self, data: bytes) -> tuple[bytes, tuple[str, ...]]:
        if self.encoding is not None:
            return text.recoded(data, self.name, self.encoding)
        if self.usual_encoding is not None:
            return text.recoded_if_unsure(data, self.name, self.usual_encoding)
        return data, ()


@dataclass(frozen=True, slots=True)
class ReadJob:
    """Reading further contents of a document, by their places in it, as a job for the sandbox.

    A child that holds the document needs no more than its key; in another one `again` opens it.
    """

    name: str
    key: str
    wanted: tuple[int, ...]
    again: ParseJob | None = None

    def run(self) -> Read:
        """Those that can be had, in their order."""
        document = held.document(self.key)
        if document is None:
            if self.again is None:
                raise Unreadable(f"{self.name} is not open any more")
            document = self.again.open()
            held.keep(self.key, document, document.waiting)
        read = document.read(self.wanted)
        return replace(read, is_held=held.still(self.wanted))


def parse(data: bytes, name: str, media_type: str, limits: Limits) -> Parsed:
    """The contents of a document, in its order; its warnings name the pages that cannot be had.

    Unsupported for another media type; Unreadable, naming the file and the reason, for bytes that
    are empty, damaged, protected or past a limit. MemoryError passes, for the sandbox to tell.
    """
    return _whole(_open(data, name, media_type, limits), limits)


def open_document(
    data: bytes,
    name: str,
    media_type: str,
    limits: Limits,
    *,
    encoding: str | None = None,
    usual_encoding: str | None = None,
) -> Parsed:
    """The same, of a document as it was taken in; see `ParseJob`."""
    job = ParseJob(name, media_type, data, limits, encoding, usual_encoding)
    return _whole(job.open(), limits)


def _whole(document: OpenDocument, limits: Limits) -> Parsed:
    parsed = held.first_of(document, limits)
    document.close()
    warnings = (*parsed.warnings, *said(document.file.name, parsed.faults))
    return replace(parsed, warnings=warnings, faults=())


def _open(
    data: bytes, name: str, media_type: str, limits: Limits, reader: str | None = None
) -> OpenDocument:
    found = registry.FORMATS.of(media_type)
    if reader is None and found is not None:
        reader = found.reader
    if reader is None:
        raise Unsupported(f"{name} is {media_type}, which cannot be opened")
    if not data:
        raise Unreadable(f"{name} is empty")
    try:
        return open_with(reader, data, name, limits)
    except (SamespaceError, MemoryError):
        raise
    except Exception as error:  # libraries raise whatever a hostile file makes them stumble over
        raise Unreadable(f"{name} is damaged or no {media_type}") from error


def _is_text(media_type: str) -> bool:
    found = registry.FORMATS.of(media_type)
    return found is not None and found.is_text


def _may_be_text(data: bytes, name: str, media_type: str) -> bool:
    """Whether it is a text that only begins as another kind does; a PDF that is damaged or locked is none."""
    is_pdf = b"endobj" in data and not named_as_text(name)
    is_other = not _is_text(media_type) and not is_pdf
    return is_other and glance(data) is not None and is_nearly_utf8(data)


def _is_surely_html(data: bytes) -> bool:
    seen = glance(data)
    return seen is not None and is_html(seen, surely=True)


def _as_text(data: bytes, name: str, media_type: str, limits: Limits) -> OpenDocument:
    document = open_with(PLAIN.reader, data, name, limits)
    warning = (
        f"{name} begins as {media_type} does but cannot be read as that; it was read as plain text"
    )
    return replace(document, warnings=(warning, *document.warnings))
