"""The one list of formats; in this order a file is asked for its marks, those that are text after all others."""

import mimetypes
from collections.abc import Iterable
from pathlib import PurePath

from ingest.formats.base import Format
from ingest.formats.html.row import HTML
from ingest.formats.mail.row import MAIL, MAILBOX
from ingest.formats.pdf.row import PDF
from ingest.formats.picture.rows import PICTURES
from ingest.formats.text.rows import MARKDOWN, PLAIN
from ingest.formats.word.row import WORD


class Formats:
    """Rows, and which of them a media type or the name of a file belongs to."""

    def __init__(self, rows: Iterable[Format]) -> None:
        self.rows = tuple(rows)
        self._by_type = {kind: row for row in self.rows for kind in row.media_types}
        self._names = mimetypes.MimeTypes(filenames=())
        for row in self.rows:
            for suffix in row.suffixes:
                self._names.add_type(row.media_type, suffix)

    @property
    def media_types(self) -> tuple[str, ...]:
        """What is taken in, by the alphabet."""
        return tuple(sorted(row.media_type for row in self.rows))

    def for_people(self) -> list[Format]:
        """The rows in the order in which people are told of them: texts, documents, pictures."""
        return sorted(self.rows, key=lambda row: (row.is_picture, not row.is_text))

    def of(self, media_type: str | None) -> Format | None:
        """The format that this media type is a name of."""
        return None if media_type is None else self._by_type.get(media_type)

    def named(self, name: str) -> str | None:
        """The media type that the name of a file says, also one that is not taken in; None where it says none."""
        return self._names.guess_type(PurePath(name).name, strict=False)[0]


FORMATS = Formats((*PICTURES, PDF, MAILBOX, MAIL, WORD, HTML, MARKDOWN, PLAIN))
