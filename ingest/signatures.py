"""What bytes say they are by evidence that a text cannot have; plain comparisons, and only of the beginning."""

from collections.abc import Iterator

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ZIP = "application/zip"
OLE = "application/x-ole-storage"
PROTECTED = "application/encrypted"

_MOST_PARTS = 4096
_LONGEST_SIGN = 24
_OFFICE = (
    (b"word/", DOCX),
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    (b"META-INF/container.xml", "application/epub+zip"),
)
_OLE_STREAMS = (
    ("EncryptedPackage", PROTECTED),
    ("WordDocument", "application/msword"),
    ("Workbook", "application/vnd.ms-excel"),
    ("PowerPoint Document", "application/vnd.ms-powerpoint"),
    ("__properties_version1.0", "application/vnd.ms-outlook"),
)


def is_data(head: bytes) -> bool:
    """Films, sounds and archives that may look like a text with NULs."""
    return head[4:8] == b"ftyp" or head[257:262] == b"ustar"


def package_type(head: bytes) -> str | None:
    """What a ZIP or OLE container holds, by the names of its parts as far as these are seen."""
    if head.startswith(b"PK\x03\x04"):
        return _zip_type(head)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        named = (kind for name, kind in _OLE_STREAMS if name.encode("utf-16-le") in head)
        return next(named, OLE)
    return None


def _zip_type(head: bytes) -> str:
    for name, content in zip_parts(head):
        if name.startswith(b"mimetype") and content.startswith((b"application/", b"image/")):
            return content.decode("ascii", "replace")
        found = next((kind for start, kind in _OFFICE if name.startswith(start)), None)
        if found:
            return found
    return ZIP


def zip_parts(head: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The names of the parts whose local headers are seen, each with the first bytes of what it holds, as stored.

    `mimetype` of an EPUB or OpenDocument file is stored as it is; other parts are usually packed.
    """
    at = head.find(b"PK\x03\x04")
    for _ in range(_MOST_PARTS):
        if at < 0:
            return
        length = int.from_bytes(head[at + 26 : at + 28], "little")
        start = at + 30 + length + int.from_bytes(head[at + 28 : at + 30], "little")
        size = int.from_bytes(head[at + 18 : at + 22], "little")
        yield (
            head[at + 30 : at + 30 + max(length, _LONGEST_SIGN)],
            head[start : start + min(size, 100)],
        )
        at = head.find(b"PK\x03\x04", max(at + 4, start + size))
