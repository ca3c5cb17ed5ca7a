"""What is written on a page of a PDF without being part of it: fields of forms, notes, stamps."""

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw

_MOST = 2000
"""Annotations of a page that are looked at."""
_LONGEST = 100_000
"""Characters of one value."""
_UNSEEN = raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_NOVIEW
_TYPED = (raw.FPDF_FORMFIELD_TEXTFIELD, raw.FPDF_FORMFIELD_COMBOBOX)
_TICKED = (raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON)
DRAWN = (raw.FPDF_ANNOT_STAMP, raw.FPDF_ANNOT_INK)


@dataclass(frozen=True, slots=True)
class Notes:
    """The words in annotations, in their order, and whether some were drawn without words."""

    lines: tuple[str, ...]
    has_drawn: bool


def notes_on(page: pdfium.PdfPage, textpage: pdfium.PdfTextPage) -> Notes:
    """Values of fields with their labels, contents of notes, words of stamps; what is hidden is left out."""
    lines: dict[str, None] = {}
    has_drawn = False
    for annotation in _annotations(page):
        subtype = raw.FPDFAnnot_GetSubtype(annotation)
        if subtype in {raw.FPDF_ANNOT_POPUP, raw.FPDF_ANNOT_LINK}:
            continue
        if subtype == raw.FPDF_ANNOT_WIDGET:
            said = _field(annotation, page.formenv) if page.formenv else ""
        else:
            said = _contents(annotation, textpage)
        has_drawn = has_drawn or (subtype in DRAWN and not said)
        if said:
            lines.setdefault(said)
    return Notes(tuple(lines), has_drawn)


def _annotations(page: pdfium.PdfPage) -> Iterator[Any]:
    for at in range(min(_MOST, raw.FPDFPage_GetAnnotCount(page))):
        with _annotation(page, at) as annotation:
            if annotation and not raw.FPDFAnnot_GetFlags(annotation) & _UNSEEN:
                yield annotation


@contextmanager
def _annotation(page: pdfium.PdfPage, at: int) -> Iterator[Any]:
    annotation = raw.FPDFPage_GetAnnot(page, at)
    try:
        yield annotation
    finally:
        if annotation:
            raw.FPDFPage_CloseAnnot(annotation)


def _field(annotation: Any, form: Any) -> str:
    """A line such as "Name: Anna", or nothing where nothing was filled in."""
    kind = raw.FPDFAnnot_GetFormFieldType(form, annotation)
    value = ""
    if kind in _TYPED:
        value = _text(lambda *into: raw.FPDFAnnot_GetFormFieldValue(form, annotation, *into))
    elif kind == raw.FPDF_FORMFIELD_LISTBOX:
        value = ", ".join(_chosen(annotation, form))
    elif kind in _TICKED and raw.FPDFAnnot_IsChecked(form, annotation):
        value = _text(lambda *into: raw.FPDFAnnot_GetFormFieldExportValue(form, annotation, *into))
    value = value.strip()
    label = _label(annotation, form)
    return f"{label}: {value}" if value and label else value


def _label(annotation: Any, form: Any) -> str:
    """What the field is called for people, else its name."""
    shown = _text(lambda *into: raw.FPDFAnnot_GetFormFieldAlternateName(form, annotation, *into))
    name = _text(lambda *into: raw.FPDFAnnot_GetFormFieldName(form, annotation, *into))
    return (shown.strip() or name.rpartition(".")[2].partition("[")[0].strip())[:_LONGEST]


def _chosen(annotation: Any, form: Any) -> Iterator[str]:
    for at in range(min(_MOST, raw.FPDFAnnot_GetOptionCount(form, annotation))):
        if raw.FPDFAnnot_IsOptionSelected(form, annotation, at):
            yield _text(
                lambda *into, at=at: raw.FPDFAnnot_GetOptionLabel(form, annotation, at, *into)
            )


def _contents(annotation: Any, textpage: pdfium.PdfTextPage) -> str:
    said = _text(lambda *into: raw.FPDFAnnot_GetStringValue(annotation, b"Contents", *into))
    return said.strip() or " ".join(_drawn_words(annotation, textpage)).strip()


def _drawn_words(annotation: Any, textpage: pdfium.PdfTextPage) -> Iterator[str]:
    """The words in the appearance of an annotation, such as a stamp's."""
    for at in range(min(_MOST, raw.FPDFAnnot_GetObjectCount(annotation))):
        part = raw.FPDFAnnot_GetObject(annotation, at)
        if part and raw.FPDFPageObj_GetType(part) == raw.FPDF_PAGEOBJ_TEXT:
            yield _text(lambda *into, part=part: raw.FPDFTextObj_GetText(part, textpage, *into))


def _text(read: Callable[..., int]) -> str:
    """What one of pdfium's functions writes: asked for the size first, in bytes of UTF-16."""
    size = min(read(None, 0), 2 * _LONGEST)
    if size <= 2:
        return ""
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    read(buffer, size)
    return bytes(buffer)[:size].decode("utf-16-le", "ignore").rstrip("\0")
