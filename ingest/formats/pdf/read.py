"""PDF documents: the text of each page, and a picture of each page that its text says too little of."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from hashlib import sha256

import numpy as np
import pypdfium2 as pdfium
from pypdfium2 import raw

from ingest.formats.pdf.page import Page, read_page
from ingest.formats.pdf.stamps import stamped_words
from ingest.formats.picture.decode import reduce
from ingest.formats.text.read import check_length, clean
from ingest.formats.words import pages_named
from ingest.parsed import File, Found, Later, Limits, page_hash
from samespace.core.content import Content
from samespace.core.errors import Unreadable
from samespace.core.modality import Decoded

_POINTS_PER_INCH = 72
_DOTS_PER_INCH = 150
_DRAWN_PIXELS = 4_000_000
"""Most pixels a page is drawn with: A4 at 150 dpi has 2.2 million, a poster is drawn coarser."""
_TAIL = 2048
_NAMED_FILES = 5


def read(file: File) -> Iterator[Found]:
    """Text by page, counted from 1, with what fields, notes and stamps on it say.

    Pages of which that says nothing, too little or nonsense become pictures of the page, too, each drawn when it is
    asked for. Unreadable if it is damaged, protected by a password, or past the limit of pages or characters; one bad
    page is a warning.
    """
    data, name, limits = file.data, file.name, file.limits
    document = file.keep(opened(data, name))
    if len(document) > limits.max_pages:
        raise Unreadable(
            f"{name} has {len(document)} pages, more than the limit of {limits.max_pages}"
        )
    pages, bad = _read_pages(document, name, limits)
    pages = _with_stamps(pages, data, name)
    for number, page in pages.items():
        if page.words:
            yield Content.of_text(page.words, number)
    whole = sha256(data).hexdigest()
    for number, page in pages.items():
        if page.shows_more:
            picture = Content.of_picture(page_hash(whole, number), page=number)
            yield Later(picture, partial(draw, document, number), _DRAWN_PIXELS)
    yield from _warnings(document, name, pages, bad)


@contextmanager
def opened(data: bytes, name: str) -> Iterator[pdfium.PdfDocument]:
    """The document, open; Unreadable, in words, where it cannot be."""
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        raise Unreadable(f"{name} {_fault(error.err_code, data)}") from error
    try:
        with suppress(pdfium.PdfiumError):  # without them it is still a document
            document.init_forms()
        yield document
    finally:
        document.close()


def _fault(code: int | None, data: bytes) -> str:
    """Why it cannot be opened, as far as that is known."""
    if code == raw.FPDF_ERR_PASSWORD:
        return "is protected by a password"
    if code == raw.FPDF_ERR_SECURITY:
        return "is protected in a way that is not known here"
    if b"%%EOF" not in data[-_TAIL:]:
        return "is damaged or not a PDF: it is cut short"
    return "is damaged or not a PDF: its pages cannot be found"


def _read_pages(
    document: pdfium.PdfDocument, name: str, limits: Limits
) -> tuple[dict[int, Page], list[int]]:
    """The pages by their number, and the numbers of those that cannot be read."""
    pages: dict[int, Page] = {}
    bad: list[int] = []
    characters = 0
    for number in range(1, len(document) + 1):
        try:
            page = document[number - 1]
            pages[number] = read_page(page)
            page.close()
        except pdfium.PdfiumError:
            bad.append(number)
            continue
        characters += len(pages[number].words)
        check_length(characters, name, limits)
    if not pages:
        raise Unreadable(f"{name} is damaged: none of its {len(bad)} pages can be read")
    return pages, bad


def _with_stamps(pages: dict[int, Page], data: bytes, name: str) -> dict[int, Page]:
    """The pages with the words of their stamps; where there are none in them, the page has to be seen."""
    stamped = [number for number, page in pages.items() if page.is_stamped]
    if not stamped:
        return pages
    with opened(data, name) as document:  # once more, for it is changed
        words = stamped_words(document, stamped)
    for number in stamped:
        page = pages[number]
        said = clean(words.get(number, ""))
        notes = "\n".join(part for part in (page.notes, said) if part)
        pages[number] = replace(page, notes=notes, shows_more=page.shows_more or not said)
    return pages


def _warnings(
    document: pdfium.PdfDocument, name: str, pages: dict[int, Page], bad: Sequence[int]
) -> Iterator[str]:
    if bad:
        yield f"{name}: {pages_named(bad)} cannot be read: damaged"
    if garbled := [number for number, page in pages.items() if page.is_garbled]:
        yield (
            f"{name}: on {pages_named(garbled)} is text in a font that does not say which letters "
            "its shapes are; it was not read as text, but seen as a picture"
        )
    if document.get_formtype() == raw.FORMTYPE_XFA_FULL:
        yield f"{name} is a form of the kind XFA: what was filled in may be missing"
    if files := document.count_attachments():
        named = [document.get_attachment(at).get_name() for at in range(min(files, _NAMED_FILES))]
        more = " and more" if files > _NAMED_FILES else ""
        yield f"{name}: files attached to it were not read: {clean(', '.join(named))}{more}"


def draw(document: pdfium.PdfDocument, number: int) -> Decoded:
    """The pixels of one page, counted from 1; Unreadable where it cannot be drawn."""
    try:
        return _drawn(document[number - 1])
    except (pdfium.PdfiumError, ValueError) as error:
        raise Unreadable("cannot be drawn: damaged") from error


def _drawn(page: pdfium.PdfPage) -> Decoded:
    width, height = page.get_size()
    finest = _DOTS_PER_INCH / _POINTS_PER_INCH
    coarsest = (_DRAWN_PIXELS / max(1.0, width * height)) ** 0.5
    image = page.render(scale=min(finest, coarsest)).to_pil().convert("RGB")
    page.close()
    return np.asarray(reduce(image))
