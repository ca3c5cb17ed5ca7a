"""What bytes say they are by evidence that a text cannot have; plain comparisons, and only of the beginning."""

from collections.abc import Callable, Iterator

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ZIP = "application/zip"
OLE = "application/x-ole-storage"
PROTECTED = "application/encrypted"

_PDF_WITHIN = 1024
_MOST_PARTS = 4096
_LONGEST_SIGN = 24
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_AVIF = frozenset({b"avif", b"avis"})
_GENERAL = frozenset({b"mif1", b"msf1"})
_BMP_HEADERS = frozenset({12, 40, 52, 56, 64, 108, 124})
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


def picture_type(head: bytes) -> str | None:
    """The media type of a picture that is taken in, None if these bytes begin none."""
    for marks, media_type, bears_out in _PICTURES:
        if head.startswith(marks) and bears_out(head):
            return media_type
    return _boxed_picture(head)


def _is_webp_chunk(head: bytes) -> bool:
    """Its size is less than 512 MB: four letters would be more."""
    return head[8:15] == b"WEBPVP8" and head[7] < 32


def _is_gif_screen(head: bytes) -> bool:
    """The aspect, which is 0 nearly always, or a high byte of the width or the height is a control character."""
    return any(byte < 32 and byte not in b"\t\n\r" for byte in head[6:13])


def _is_bmp_header(head: bytes) -> bool:
    return len(head) > 17 and int.from_bytes(head[14:18], "little") in _BMP_HEADERS


def _is_enough(_: bytes) -> bool:
    """The mark itself has bytes that no text begins with."""
    return True


_PICTURES: tuple[tuple[tuple[bytes, ...], str, Callable[[bytes], bool]], ...] = (
    ((b"\xff\xd8\xff",), "image/jpeg", _is_enough),
    ((b"\x89PNG\r\n\x1a\n",), "image/png", _is_enough),
    ((b"II*\0", b"II+\0", b"MM\0*", b"MM\0+"), "image/tiff", _is_enough),
    ((b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51"), "image/jp2", _is_enough),
    ((b"RIFF",), "image/webp", _is_webp_chunk),
    ((b"GIF87a", b"GIF89a"), "image/gif", _is_gif_screen),
    ((b"BM",), "image/bmp", _is_bmp_header),
)


def _boxed_picture(head: bytes) -> str | None:
    """HEIC or AVIF: the brands of an ISO base media file, the main one first."""
    size = int.from_bytes(head[:4])
    if head[4:8] != b"ftyp" or not 16 <= size <= _MOST_PARTS:
        return None
    main = head[8:12]
    brands = [main] if main not in _GENERAL else [head[at : at + 4] for at in range(16, size, 4)]
    for brand in brands:
        if brand in _HEIC:
            return "image/heic"
        if brand in _AVIF:
            return "image/avif"
    return None


def is_pdf(head: bytes, *, is_text: bool) -> bool:
    """Whether a PDF begins here. One that is all text begins with its mark and holds an object; another may have
    something before the mark, as what comes out of mail or a printer's queue has."""
    if not is_text:
        return b"%PDF-" in head[:_PDF_WITHIN]
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    version = start[5:8]
    is_marked = start.startswith(b"%PDF-") and version[:1].isdigit() and version[1:2] == b"."
    return is_marked and start[8:9] in b"\r\n \t" and (b" 0 obj" in head or b"endobj" in head)


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
