"""Kinds of files that are not taken in, as people call them."""

import puremagic

from ingest.signatures import OLE, PROTECTED, ZIP

_OPEN = "application/vnd.oasis.opendocument."
_OFFICE = "application/vnd.openxmlformats-officedocument."
_NAMES = {
    "application/epub+zip": "an EPUB e-book",
    f"{_OPEN}text": "an OpenDocument text (ODT)",
    f"{_OPEN}spreadsheet": "an OpenDocument spreadsheet (ODS)",
    f"{_OPEN}presentation": "an OpenDocument presentation (ODP)",
    f"{_OPEN}graphics": "an OpenDocument drawing (ODG)",
    f"{_OFFICE}spreadsheetml.sheet": "an Excel workbook (XLSX)",
    f"{_OFFICE}presentationml.presentation": "a PowerPoint presentation (PPTX)",
    "application/msword": "a Word document of the old kind (DOC)",
    "application/vnd.ms-excel": "an Excel workbook of the old kind (XLS)",
    "application/vnd.ms-powerpoint": "a PowerPoint presentation of the old kind (PPT)",
    "application/vnd.ms-outlook": "an Outlook message (MSG)",
    "application/rtf": "a document in Rich Text Format (RTF)",
    "application/postscript": "a PostScript file",
    "image/svg+xml": "an SVG drawing",
    ZIP: "a ZIP archive",
    OLE: "an Office file of an old kind",
    "application/x-tar": "a TAR archive",
    "application/gzip": "a compressed file (gzip)",
}
_SEEN = 8 * 1024
_ENCRYPTED = frozenset({".docx", ".docm", ".dotx", ".xlsx", ".xlsm", ".pptx", ".pptm"})
_UNKNOWN = "of an unknown type"


def name_of(media_type: str) -> str:
    """What people call it, with the media type for machines and for what has no other name."""
    named = _NAMES.get(media_type)
    return media_type if named is None else f"{named}, {media_type},"


def what_is_wrong(name: str, suffix: str, media_type: str | None, head: bytes) -> str:
    """Why a file that is no text and of no kind that is taken in is refused."""
    if media_type == PROTECTED or (media_type == OLE and suffix in _ENCRYPTED):
        return f"{name} is protected by a password; save it without one and add it again"
    found = name_of(media_type) if media_type else _by_library(head)
    return f"{name} is {found} which is not taken in"


def _by_library(head: bytes) -> str:
    if head[257:262] == b"ustar":
        return name_of("application/x-tar")
    try:
        matches = puremagic.magic_string(head[:_SEEN])
    except puremagic.PureError:
        return f"{_UNKNOWN},"
    found = next((match.mime_type for match in matches if match.mime_type), None)
    return name_of(found) if found in _NAMES else f"{found or _UNKNOWN},"
