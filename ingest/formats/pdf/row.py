"""PDF: how it is told, called and read."""

from ingest.formats.base import Format, Seen

_WITHIN = 1024


def is_pdf(seen: Seen) -> bool:
    """Whether a PDF begins here. One that is all text begins with its mark and holds an object; another may have
    something before the mark, as what comes out of mail or a printer's queue has."""
    head = seen.head
    if seen.text is None:
        return b"%PDF-" in head[:_WITHIN]
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    version = start[5:8]
    is_marked = start.startswith(b"%PDF-") and version[:1].isdigit() and version[1:2] == b"."
    return is_marked and start[8:9] in b"\r\n \t" and (b" 0 obj" in head or b"endobj" in head)


PDF = Format(
    name="PDF",
    media_types=("application/pdf",),
    suffixes=(".pdf",),
    sniff=is_pdf,
    reader="ingest.formats.pdf.read:read",
    limits=("max_pages", "max_characters"),
)
