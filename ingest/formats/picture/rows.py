"""Pictures: how each kind is told and called; one reader opens them all."""

from collections.abc import Callable

from ingest.formats.base import Format, Seen

_LONGEST_BOX = 4096
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"})
_AVIF = frozenset({b"avif", b"avis"})
_GENERAL = frozenset({b"mif1", b"msf1"})
_BMP_HEADERS = frozenset({12, 40, 52, 56, 64, 108, 124})


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


def _begins(
    *marks: bytes, bears_out: Callable[[bytes], bool] = _is_enough
) -> Callable[[Seen], bool]:
    return lambda seen: seen.head.startswith(marks) and bears_out(seen.head)


def _boxed(brands: frozenset[bytes]) -> Callable[[Seen], bool]:
    return lambda seen: _brand(seen.head) in brands


def _brand(head: bytes) -> bytes | None:
    """Which of HEIC and AVIF the brands of an ISO base media file say, the main one first."""
    size = int.from_bytes(head[:4])
    if head[4:8] != b"ftyp" or not 16 <= size <= _LONGEST_BOX:
        return None
    main = head[8:12]
    brands = [main] if main not in _GENERAL else [head[at : at + 4] for at in range(16, size, 4)]
    return next((brand for brand in brands if brand in _HEIC | _AVIF), None)


def _picture(
    name: str,
    media_type: str,
    suffixes: tuple[str, ...],
    sniff: Callable[[Seen], bool],
    limits: tuple[str, ...] = ("max_pixels",),
) -> Format:
    return Format(name, (media_type,), suffixes, sniff, "ingest.formats.picture.read:read", limits)


JPEG = _picture("JPEG", "image/jpeg", (".jpg", ".jpeg", ".jpe"), _begins(b"\xff\xd8\xff"))
PNG = _picture("PNG", "image/png", (".png",), _begins(b"\x89PNG\r\n\x1a\n"))
WEBP = _picture("WebP", "image/webp", (".webp",), _begins(b"RIFF", bears_out=_is_webp_chunk))
GIF = _picture(
    "GIF", "image/gif", (".gif",), _begins(b"GIF87a", b"GIF89a", bears_out=_is_gif_screen)
)
TIFF = _picture(
    "TIFF",
    "image/tiff",
    (".tif", ".tiff"),
    _begins(b"II*\0", b"II+\0", b"MM\0*", b"MM\0+"),
    limits=("max_pixels", "max_pages"),
)
BMP = _picture("BMP", "image/bmp", (".bmp",), _begins(b"BM", bears_out=_is_bmp_header))
HEIC = _picture("HEIC", "image/heic", (".heic", ".heif"), _boxed(_HEIC))
AVIF = _picture("AVIF", "image/avif", (".avif", ".avifs"), _boxed(_AVIF))
JPEG_2000 = _picture(
    "JPEG 2000",
    "image/jp2",
    (".jp2", ".j2k", ".jpf", ".jpx", ".j2c", ".jpc"),
    _begins(b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51"),
)
PICTURES = (JPEG, PNG, WEBP, GIF, TIFF, BMP, HEIC, AVIF, JPEG_2000)
