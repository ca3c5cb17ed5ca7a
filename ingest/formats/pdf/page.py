"""One page of a PDF: its words, and whether it has to be seen as well."""

from dataclasses import dataclass

import pypdfium2 as pdfium
from pypdfium2 import raw

from ingest.formats.pdf.notes import notes_on
from ingest.formats.pdf.plausible import is_implausible, reads_as_text
from ingest.formats.pdf.shown import is_blank, shows_more
from ingest.formats.text.read import clean

_STRIDE = 4
"""Words are longer than that; asking of every character costs as much as reading them."""


@dataclass(frozen=True, slots=True)
class Page:
    """What stands on a page, and what its annotations say.

    `is_garbled`: the text, or some of it, was left out because its font does not say what its shapes are.
    `is_stamped`: something was drawn on it whose words are not known.
    """

    text: str
    notes: str = ""
    shows_more: bool = False
    is_garbled: bool = False
    is_stamped: bool = False

    @property
    def words(self) -> str:
        """All of it."""
        return "\n\n".join(part for part in (self.text, self.notes) if part.strip())


def read_page(page: pdfium.PdfPage) -> Page:
    """Read an opened page; PdfiumError."""
    textpage = page.get_textpage()
    text, is_garbled = _text(textpage)
    notes = notes_on(page, textpage)
    textpage.close()
    said = clean("\n".join(line for line in notes.lines if line not in text))
    letters = sum(not letter.isspace() for letter in text)
    empty = not text.strip() and not said and not is_blank(page)
    return Page(
        text,
        said,
        shows_more=empty or is_garbled or shows_more(page, letters),
        is_garbled=is_garbled,
        is_stamped=notes.has_drawn,
    )


def _text(textpage: pdfium.PdfTextPage) -> tuple[str, bool]:
    """The text, and whether what makes no sense was left out of it."""
    whole: str = textpage.get_text_bounded(errors="ignore")
    unknown = _unknown(textpage)
    if unknown and not reads_as_text(_characters(textpage, unknown)):
        known = set(range(textpage.count_chars())) - unknown
        rest = _characters(textpage, known)
        return ("" if is_implausible(rest) else clean(rest)), True
    if is_implausible(whole):
        return "", True
    return clean(whole), False


def _unknown(textpage: pdfium.PdfTextPage) -> set[int]:
    """The characters of which pdfium knows only the number in their font."""
    count = textpage.count_chars()
    if not any(_is_unknown(textpage, at) for at in range(0, count, _STRIDE)):
        return set()
    return {at for at in range(count) if _is_unknown(textpage, at)}


def _is_unknown(textpage: pdfium.PdfTextPage, at: int) -> bool:
    return bool(raw.FPDFText_HasUnicodeMapError(textpage, at) == 1)


def _characters(textpage: pdfium.PdfTextPage, places: set[int]) -> str:
    return "".join(chr(raw.FPDFText_GetUnicode(textpage, at)) for at in sorted(places))
