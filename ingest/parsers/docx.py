"""Word documents: the text of paragraphs and tables in document order."""

import zipfile
from io import BytesIO

import docx
from docx.oxml.ns import qn
from lxml import etree

from ingest.parsed import Limits, Parsed, Text
from ingest.parsers.text import check_length, clean
from samespace.core.errors import Unreadable

_STEP = 64 * 1024
_MOST_PARTS = 10_000
_TEXT = qn("w:t")
_PARAGRAPH = qn("w:p")
_ROW = qn("w:tr")
_CELL = qn("w:tc")
_BREAKS = {qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:tab"): "\t", qn("w:noBreakHyphen"): "-"}
_UNSEEN = frozenset(
    {
        qn("w:pPr"),
        qn("w:del"),
        "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",  # said twice
    }
)


def read(data: bytes, name: str, limits: Limits) -> Parsed:
    """A .docx; Unreadable if it is damaged or would unpack past the limit (nothing is unpacked then)."""
    document = docx.Document(BytesIO(_bounded(data, name, limits)))
    pieces: list[str] = []
    _walk(document.element.body, pieces)
    text = clean("".join(pieces)).strip("\n")
    check_length(len(text), name, limits)
    return Parsed(texts=(Text(text),))


def _bounded(data: bytes, name: str, limits: Limits) -> bytes:
    """The same package, unpacked in bounded steps and without its media, safe to open in one go.

    The directory of a zip may lie about sizes, so every step is counted too.
    """
    left = limits.max_unpacked_bytes
    stored = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as packed, zipfile.ZipFile(stored, "w") as plain:
        if len(packed.infolist()) > _MOST_PARTS:
            raise Unreadable(
                f"{name} has {len(packed.infolist())} parts, more than the limit of {_MOST_PARTS}"
            )
        parts = [part for part in packed.infolist() if part.filename.endswith((".xml", ".rels"))]
        _check_unpacked(sum(part.file_size for part in packed.infolist()), name, limits)
        for part in packed.infolist():
            content = _unpack(packed, part, left) if part in parts else b""
            left -= len(content)
            plain.writestr(part.filename, content)
    return stored.getvalue()


def _check_unpacked(size: int, name: str, limits: Limits) -> None:
    if size > limits.max_unpacked_bytes:
        raise Unreadable(
            f"{name} would unpack to {size} bytes, more than the limit of {limits.max_unpacked_bytes}"
        )


def _unpack(packed: zipfile.ZipFile, part: zipfile.ZipInfo, limit: int) -> bytes:
    steps: list[bytes] = []
    size = 0
    with packed.open(part) as stream:
        while step := stream.read(_STEP):
            size += len(step)
            if size > limit:
                raise zipfile.BadZipFile(f"{part.filename} is larger than its directory says")
            steps.append(step)
    return b"".join(steps)


def _walk(element: etree._Element, pieces: list[str]) -> None:
    """Append the texts below an element; a paragraph ends its line, a table row is one line."""
    for child in element:
        if child.tag in _UNSEEN:
            continue
        if child.tag == _TEXT:
            pieces.append(child.text or "")
        elif child.tag in _BREAKS:
            pieces.append(_BREAKS[child.tag])
        elif child.tag == _ROW:
            pieces.append(_row(child) + "\n")
        else:
            _walk(child, pieces)
            if child.tag == _PARAGRAPH:
                pieces.append("\n")


def _row(row: etree._Element) -> str:
    cells: list[str] = []
    for cell in row.iterchildren(_CELL):
        pieces: list[str] = []
        _walk(cell, pieces)
        cells.append(" ".join("".join(pieces).split()))
    return "\t".join(cells)
