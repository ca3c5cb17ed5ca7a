"""Picture documents: one picture, or the pages of a TIFF."""

from collections.abc import Sequence
from hashlib import sha256

import numpy as np
from PIL import Image

from ingest.formats.picture.decode import Reduction, decoded, fault, for_encoders, opened
from ingest.formats.picture.frames import Page, Pages, is_paged, pages_of, unread
from ingest.formats.words import pages_named
from ingest.parsed import Drawn, Limits, Parsed, Picture, page_hash
from samespace.core.errors import Unreadable

_PIXELS_AT_ONCE = 400_000_000
"""Most pixels that the pages of one call have together; A4 at 300 dpi has 9 million."""
_TRIED = 16
"""Pages of a damaged TIFF of which the first one that can be decoded stands for it."""


def read(data: bytes, name: str, limits: Limits) -> Parsed:
    """An image document: its picture, under the SHA-256 of the original bytes, or the pages of a TIFF.

    Of what moves, or is several pictures in another way, the first is read, and a warning says so. The
    pages that are too many to be decoded in one call are named in `more_pages`.
    """
    with opened(data, name) as image:
        if is_paged(image):
            pages = pages_of(image, limits.max_pages)
            if len(pages.pages) != 1 or pages.left_out:
                return _read_pages(image, data, name, limits, pages)
            image.seek(pages.pages[0].frame)
        pixels = np.asarray(decoded(image, limits.max_pixels, name, for_encoders))
        said = unread(image)  # last: it goes through the frames, of which later ones may be damaged
    picture = Picture(pixels, sha256(data).hexdigest())
    return Parsed(pictures=(picture,), warnings=(f"{name}: {said}",) if said else ())


def draw(data: bytes, name: str, pages: Sequence[int], limits: Limits) -> Drawn:
    """These pages of a TIFF, counted from 1, in their order; a warning names those that cannot be decoded."""
    with opened(data, name) as image:
        found = pages_of(image, limits.max_pages).pages
        return _drawn(image, data, name, [(page, found[page - 1]) for page in pages], limits)


def read_picture(
    data: bytes,
    max_pixels: int,
    name: str = "the picture",
    reduction: Reduction = for_encoders,
) -> Image.Image:
    """Decode a picture to RGB, turned as its EXIF says, and reduce it as `reduction` says; the first of several.

    What is transparent becomes white, or a darker ground where white would hide what is drawn. The same
    bytes always give the same pixels. Unreadable if they are no picture, are damaged, or the header says
    more than `max_pixels` (nothing is decoded then).
    """
    with opened(data, name) as image:
        if not is_paged(image):
            return decoded(image, max_pixels, name, reduction)
        return _first_page(image, max_pixels, name, reduction)


def _first_page(
    image: Image.Image, max_pixels: int, name: str, reduction: Reduction
) -> Image.Image:
    """The first page of a TIFF that can be decoded: what is damaged or too large is passed over."""
    first: Exception | None = None
    for page in pages_of(image, _TRIED).pages:
        try:
            image.seek(page.frame)
            return decoded(image, max_pixels, name, reduction)
        except MemoryError:
            raise
        except Exception as error:
            first = first or error
    raise first or Unreadable(f"{name} is damaged: it has no page")


def _read_pages(image: Image.Image, data: bytes, name: str, limits: Limits, pages: Pages) -> Parsed:
    numbered = list(enumerate(pages.pages, start=1))
    most = _at_once(pages.pages, limits)
    drawn = _drawn(image, data, name, numbered[:most], limits)
    later = tuple(page for page, _ in numbered[most:])
    if not drawn.pictures and not later:
        raise Unreadable(f"{name} is damaged: none of its {len(numbered)} pages can be decoded")
    said = (f"{name}: {pages.left_out}",) if pages.left_out else ()
    return Parsed(pictures=drawn.pictures, warnings=drawn.warnings + said, more_pages=later)


def _at_once(pages: Sequence[Page], limits: Limits) -> int:
    """How many of the pages are decoded in one call."""
    left = _PIXELS_AT_ONCE
    for count, page in enumerate(pages[: limits.pages_at_once]):
        left -= page.pixels
        if left < 0 and count:
            return count
    return limits.pages_at_once


def _drawn(
    image: Image.Image,
    data: bytes,
    name: str,
    pages: Sequence[tuple[int, Page]],
    limits: Limits,
) -> Drawn:
    whole = sha256(data).hexdigest()
    pictures: list[Picture] = []
    faults: dict[str, list[int]] = {}
    for number, page in pages:
        try:
            image.seek(page.frame)
            pixels = decoded(image, limits.max_pixels, "it", for_encoders)
        except MemoryError:
            raise
        except Exception as error:  # one bad page leaves the others
            reason = str(error) if isinstance(error, Unreadable) else f"it {fault(error)}"
            faults.setdefault(reason, []).append(number)
        else:
            pictures.append(Picture(np.asarray(pixels), page_hash(whole, number), number))
    said = tuple(
        f"{name}: {pages_named(numbers)} cannot be read: {reason}"
        for reason, numbers in faults.items()
    )
    return Drawn(tuple(pictures), said)
