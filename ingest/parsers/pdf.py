"""PDF documents: the text of each page, and a picture of each page that has none."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256

import numpy as np
import pypdfium2 as pdfium
from pypdfium2.raw import FPDF_ERR_PASSWORD

from ingest.parsed import Drawn, Limits, Parsed, Picture, Text, page_hash
from ingest.parsers.decode import reduce
from ingest.parsers.text import check_length, clean
from samespace.core.errors import Unreadable

_POINTS_PER_INCH = 72
_DOTS_PER_INCH = 150
_DRAWN_PIXELS = 4_000_000
"""Most pixels a page is drawn with: A4 at 150 dpi has 2.2 million, a poster is drawn coarser."""


def read(data: bytes, name: str, limits: Limits) -> Parsed:
    """Text by page, counted from 1; pages with content but no text become pictures of the page.

    Only the first `limits.pages_at_once` of these are drawn, the others are named in `more_pages`.
    Unreadable if it is damaged, protected by a password, or past the limit of pages or characters.
    """
    with _opened(data, name) as document:
        if len(document) > limits.max_pages:
            raise Unreadable(
                f"{name} has {len(document)} pages, more than the limit of {limits.max_pages}"
            )
        texts, wordless = _read_pages(document, name, limits)
        now, later = wordless[: limits.pages_at_once], wordless[limits.pages_at_once :]
        pictures = _draw_pages(document, data, now)
    return Parsed(texts=texts, pictures=pictures, more_pages=tuple(later))


def draw(data: bytes, name: str, pages: Sequence[int], _: Limits) -> Drawn:
    """Pictures of these pages, counted from 1, in their order."""
    with _opened(data, name) as document:
        return Drawn(_draw_pages(document, data, pages))


@contextmanager
def _opened(data: bytes, name: str) -> Iterator[pdfium.PdfDocument]:
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if error.err_code == FPDF_ERR_PASSWORD:
            raise Unreadable(f"{name} is protected by a password") from error
        raise Unreadable(f"{name} is damaged or no PDF: {error}") from error
    try:
        yield document
    finally:
        document.close()


def _read_pages(
    document: pdfium.PdfDocument, name: str, limits: Limits
) -> tuple[tuple[Text, ...], list[int]]:
    """The texts, and the numbers of the pages that have content but no text."""
    texts: list[Text] = []
    wordless: list[int] = []
    characters = 0
    for number, page in enumerate(document, start=1):
        text = clean(page.get_textpage().get_text_bounded(errors="ignore"))
        characters += len(text)
        check_length(characters, name, limits)
        if text.strip():
            texts.append(Text(text, number))
        elif next(page.get_objects(max_depth=1), None) is not None:
            wordless.append(number)
        page.close()
    return tuple(texts), wordless


def _draw_pages(
    document: pdfium.PdfDocument, data: bytes, pages: Sequence[int]
) -> tuple[Picture, ...]:
    whole = sha256(data).hexdigest()
    return tuple(Picture(_draw(document[page - 1]), page_hash(whole, page), page) for page in pages)


def _draw(page: pdfium.PdfPage) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    width, height = page.get_size()
    finest = _DOTS_PER_INCH / _POINTS_PER_INCH
    coarsest = (_DRAWN_PIXELS / max(1.0, width * height)) ** 0.5
    image = page.render(scale=min(finest, coarsest)).to_pil().convert("RGB")
    page.close()
    return np.asarray(reduce(image))
