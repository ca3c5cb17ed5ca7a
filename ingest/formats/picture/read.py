"""Picture documents: one picture, or the pages of a TIFF."""

from collections.abc import Iterator
from functools import partial
from hashlib import sha256

import numpy as np
from PIL import Image

from ingest.formats.picture.decode import Reduction, decoded, fault, for_encoders, opened, told
from ingest.formats.picture.frames import Page, Pages, is_paged, pages_of, unread
from ingest.parsed import File, Found, Later, Limits, page_hash
from samespace.core.content import Content
from samespace.core.errors import Unreadable
from samespace.core.modality import Decoded

_TRIED = 16
"""Pages of a damaged TIFF of which the first one that can be decoded stands for it."""


def read(file: File) -> Iterator[Found]:
    """An image document: its picture, under the SHA-256 of the original bytes, or the pages of a TIFF, each decoded
    when it is asked for.

    Of what moves, or is several pictures in another way, the first is read, and a warning says so.
    """
    name, whole = file.name, sha256(file.data).hexdigest()
    image = file.keep(opened(file.data, name))
    with told(name):
        pages = pages_of(image, file.limits.max_pages) if is_paged(image) else Pages(())
        if len(pages.pages) > 1 or pages.left_out:
            yield from _pages(image, file, pages, whole)
            return
        if pages.pages:
            image.seek(pages.pages[0].frame)
        pixels = np.asarray(decoded(image, file.limits.max_pixels, name, for_encoders))
        said = unread(image)  # last: it goes through the frames, of which later ones may be damaged
    yield Content.of_picture(whole, pixels)
    if said:
        yield f"{name}: {said}"


def read_query(data: bytes, max_pixels: int, name: str) -> Decoded:
    """The pixels of a picture to search with; as `read_picture`."""
    return np.asarray(read_picture(data, max_pixels, name))


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


def _pages(image: Image.Image, file: File, pages: Pages, whole: str) -> Iterator[Found]:
    for number, page in enumerate(pages.pages, start=1):
        content = Content.of_picture(page_hash(whole, number), page=number)
        yield Later(content, partial(_decode, image, page, file.limits), page.pixels)
    if pages.left_out:
        yield f"{file.name}: {pages.left_out}"


def _decode(image: Image.Image, page: Page, limits: Limits) -> Decoded:
    try:
        image.seek(page.frame)
        return np.asarray(decoded(image, limits.max_pixels, "it", for_encoders))
    except MemoryError:
        raise
    except Exception as error:
        reason = str(error) if isinstance(error, Unreadable) else f"it {fault(error)}"
        raise Unreadable(f"cannot be read: {reason}") from error
