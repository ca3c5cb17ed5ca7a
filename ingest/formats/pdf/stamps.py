"""The words that are drawn in stamps."""

from collections import Counter
from collections.abc import Sequence

import pypdfium2 as pdfium
from pypdfium2 import raw

from ingest.formats.pdf.notes import DRAWN


def stamped_words(document: pdfium.PdfDocument, pages: Sequence[int]) -> dict[int, str]:
    """What is written in the stamps on these pages, counted from 1, of those that have any words in them.

    pdfium reads words of a page only, so that the stamps become part of it: the document is changed.
    """
    found: dict[int, str] = {}
    for number in pages:
        page = document[number - 1]
        before = _lines(page)
        _leave_stamps(page)
        raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY)
        page.close()
        page = document[number - 1]
        if words := "\n".join((_lines(page) - before).elements()):
            found[number] = words
        page.close()
    return found


def _lines(page: pdfium.PdfPage) -> Counter[str]:
    textpage = page.get_textpage()
    text: str = textpage.get_text_bounded(errors="ignore")
    textpage.close()
    return Counter(line.strip() for line in text.splitlines() if line.strip())


def _leave_stamps(page: pdfium.PdfPage) -> None:
    """Remove the other annotations: what they say is known."""
    for at in reversed(range(raw.FPDFPage_GetAnnotCount(page))):
        annotation = raw.FPDFPage_GetAnnot(page, at)
        is_stamp = annotation and raw.FPDFAnnot_GetSubtype(annotation) in DRAWN
        if annotation:
            raw.FPDFPage_CloseAnnot(annotation)
        if not is_stamp:
            raw.FPDFPage_RemoveAnnot(page, at)
