"""How much of a page of a PDF is shown rather than written: pictures, and drawings of many lines."""

from collections.abc import Iterator
from ctypes import c_float
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw

_LETTERS_OF_A_PAGE = 500
"""Fewer on a page that is one picture (a scan with a stamp or a number, a slide) say too little of it."""
_LEAST_SHARE = 0.2
"""Of the page; smaller pictures, such as logos, are left to the text."""
_MANY_LINES = 150
"""Lines and shapes of a drawing, or of letters that were made into shapes."""
_LETTERS_OF_A_DRAWING = 200
_LOOKED_AT = 3000
"""Objects of a page, and of what it is made of."""
_DEEPEST = 4


def is_blank(page: pdfium.PdfPage) -> bool:
    """Whether nothing stands on the page."""
    return bool(raw.FPDFPage_CountObjects(page) <= 0)


def shows_more(page: pdfium.PdfPage, letters: int) -> bool:
    """Whether so many letters are too few for what the page shows, so that it is to be seen as well."""
    if letters >= _LETTERS_OF_A_PAGE:
        return False
    covered, lines = _shown(page)
    if covered >= _LEAST_SHARE and letters < _LETTERS_OF_A_PAGE * covered:
        return True
    return lines >= _MANY_LINES and letters < _LETTERS_OF_A_DRAWING


def _shown(page: pdfium.PdfPage) -> tuple[float, int]:
    """The share of the page that is covered by pictures, and how many lines and shapes it has."""
    box = page.get_bbox()
    covered, lines = 0.0, 0
    for part in _parts(page):
        kind = raw.FPDFPageObj_GetType(part)
        if kind == raw.FPDF_PAGEOBJ_IMAGE:
            covered += _area(part, box)
        elif kind == raw.FPDF_PAGEOBJ_FORM:
            has_picture, inner = _within(part)
            covered += _area(part, box) if has_picture else 0.0
            lines += inner
        elif kind in {raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_SHADING}:
            lines += 1
    whole = abs((box[2] - box[0]) * (box[3] - box[1])) or 1.0
    return min(1.0, covered / whole), lines


def _parts(page: pdfium.PdfPage) -> Iterator[Any]:
    for at in range(min(_LOOKED_AT, raw.FPDFPage_CountObjects(page))):
        yield raw.FPDFPage_GetObject(page, at)


def _within(form: Any, depth: int = 1) -> tuple[bool, int]:
    """Whether a part that is made of parts has a picture, and how many lines and shapes."""
    has_picture, lines = False, 0
    for at in range(min(_LOOKED_AT, raw.FPDFFormObj_CountObjects(form))):
        part = raw.FPDFFormObj_GetObject(form, at)
        kind = raw.FPDFPageObj_GetType(part)
        if kind == raw.FPDF_PAGEOBJ_IMAGE:
            has_picture = True
        elif kind == raw.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
            inside, inner = _within(part, depth + 1)
            has_picture, lines = has_picture or inside, lines + inner
        elif kind in {raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_SHADING}:
            lines += 1
        if has_picture or lines > _MANY_LINES:
            break
    return has_picture, lines


def _area(part: Any, box: tuple[float, float, float, float]) -> float:
    """Of that part of it that lies on the page, in square points."""
    left, bottom, right, top = c_float(), c_float(), c_float(), c_float()
    if not raw.FPDFPageObj_GetBounds(part, left, bottom, right, top):
        return 0.0
    width = min(right.value, box[2]) - max(left.value, box[0])
    height = min(top.value, box[3]) - max(bottom.value, box[1])
    return max(0.0, width) * max(0.0, height)
