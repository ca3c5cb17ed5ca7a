"""Pictures of every kind to one canonical form: upright 8-bit RGB, on a ground that shows them, reduced."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO

import pillow_heif
from PIL import Image, ImageOps, UnidentifiedImageError

from ingest.formats.picture.colours import eight_bits, has_sixteen_bits, stretched
from samespace.core.errors import SamespaceError, Unreadable
from samespace.encoders.ground import ground_for, laid_on

SHORTER_SIDE = 384
"""Pixels that are kept at least; encoders take 224 to 384, so that they lose nothing."""
LONGER_SIDE = 8192
"""Pixels; bounds what a very long strip costs to carry."""

Reduction = Callable[[tuple[int, int]], int]
"""By how much a picture of that size may be reduced before it is of less use; 0 and 1 leave it as it is."""

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "HEIF", "AVIF", "JPEG2000")
_CUT_SHORT = ("truncated", "unexpected end", "end of file", "not enough", "incomplete")

pillow_heif.register_heif_opener()
pillow_heif.options.DECODE_THREADS = 1
Image.MAX_IMAGE_PIXELS = None  # `decoded` checks the size itself, against the setting


@contextmanager
def opened(data: bytes, name: str) -> Iterator[Image.Image]:
    """The picture, its header read; Unreadable for whatever goes wrong with it within the block."""
    with told(name), Image.open(BytesIO(data), formats=_FORMATS) as image:
        yield image


@contextmanager
def told(name: str) -> Iterator[None]:
    """Unreadable, in words, for whatever a decoder stumbles over within the block."""
    try:
        yield
    except (MemoryError, SamespaceError):
        raise
    except Exception as error:  # decoders raise whatever they stumble over
        raise Unreadable(f"{name} {fault(error)}") from error


def fault(error: Exception) -> str:
    """What is wrong with a picture, as far as it is known: what a decoder says of it is for programmers."""
    if isinstance(error, UnidentifiedImageError):
        return "is damaged or not a picture: it does not begin as any that can be read"
    if isinstance(error, EOFError) or any(said in str(error).lower() for said in _CUT_SHORT):
        return "is damaged: it is cut short"
    return "is damaged: its pixels cannot be decoded"


def for_encoders(size: tuple[int, int]) -> int:
    """The reduction that keeps what encoders take."""
    return min(size) // SHORTER_SIDE


def decoded(image: Image.Image, max_pixels: int, name: str, reduction: Reduction) -> Image.Image:
    """The frame at which an opened picture stands, in the canonical form.

    Unreadable if it says to have more than `max_pixels`; nothing is decoded then.
    """
    _check_size(image, max_pixels, name)
    image.draft(None, _smallest(image.size, reduction))  # JPEG: decodes at 1/2, 1/4 or 1/8
    is_deep = has_sixteen_bits(image)
    image.load()
    plain = _turned(stretched(eight_bits(image)) if is_deep else eight_bits(image))
    if plain.mode != "RGBA":
        return reduce(plain, reduction)
    ground = ground_for(plain)  # before it is reduced, so that the thumbnail has the same one
    return laid_on(reduce(plain, reduction), ground)


def reduce(image: Image.Image, reduction: Reduction = for_encoders) -> Image.Image:
    """A picture made smaller by a whole number, unless told otherwise to 384 pixels at its shorter side.

    Whole-number box reduction costs a tenth of any resampling (measured: 0.7 against 8.9 ms for
    1024 x 768), and the encoder resamples to its own size anyway.
    """
    factor = reduction(image.size)
    if factor > 1:
        image = image.reduce(factor)
    image.thumbnail((LONGER_SIDE, LONGER_SIDE))
    return image


def _check_size(image: Image.Image, max_pixels: int, name: str) -> None:
    width, height = image.size
    if width * height > max_pixels:
        raise Unreadable(
            f"{name} has {width} x {height} = {width * height} pixels, "
            f"more than the limit of {max_pixels}"
        )


def _smallest(size: tuple[int, int], reduction: Reduction) -> tuple[int, int]:
    factor = max(1, reduction(size))
    return max(1, size[0] // factor), max(1, size[1] // factor)


def _turned(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # a picture with broken EXIF is still a picture
        return image
