"""Files that hold several pictures: the pages of a TIFF, and what of others stays unread."""

from dataclasses import dataclass

from PIL import Image

_SUBFILE_TYPE = 254
_NO_PAGE = 0b101
"""Of NewSubfileType: a smaller copy of another page, a mask of one."""
_MOST_FAILURES = 2
"""In a row; where the next page stands is not known any more."""


@dataclass(frozen=True, slots=True)
class Page:
    """Where a page of a TIFF stands among its frames, and its size in pixels; 0 where it cannot be opened."""

    frame: int
    pixels: int


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of a TIFF, and what is to be said of those that are not among them."""

    pages: tuple[Page, ...]
    left_out: str | None = None


def is_paged(image: Image.Image) -> bool:
    """Whether this is a TIFF of more than one frame."""
    return image.format == "TIFF" and bool(getattr(image, "is_animated", False))


def pages_of(image: Image.Image, most: int) -> Pages:
    """The first `most` pages of a TIFF, without smaller copies and masks of them."""
    found: list[Page] = []
    failures = frame = 0
    while failures < _MOST_FAILURES:
        try:
            image.seek(frame)
        except EOFError:
            return Pages(tuple(found))
        except Exception:  # the page's header is damaged; the one after it may not be
            failures += 1
            found.append(Page(frame, 0))
        else:
            failures = 0
            if not _is_no_page(image):
                found.append(Page(frame, image.width * image.height))
        if len(found) > most:
            return Pages(tuple(found[:most]), f"only its first {most} pages were read, the limit")
        frame += 1
    known = tuple(found[:-_MOST_FAILURES])
    return Pages(known, f"what follows page {len(known)} cannot be found: the file is damaged")


def unread(image: Image.Image) -> str | None:
    """What a picture file holds besides the one picture that is read, in words."""
    if image.format in {"TIFF", "MPO"}:
        return None  # the further pictures of an MPO are previews and depths of its first
    try:
        count = getattr(image, "n_frames", 1) if getattr(image, "is_animated", False) else 1
    except Exception:  # a later frame is damaged; nobody needs it
        return "it moves: only its first frame was read"
    if count <= 1:
        return None
    if image.format == "HEIF":
        return f"1 of the {count} pictures that it holds was read"
    return f"it moves: frame 1 of {count} was read"


def _is_no_page(image: Image.Image) -> bool:
    kind = getattr(image, "tag_v2", {}).get(_SUBFILE_TYPE, 0)
    return isinstance(kind, int) and bool(kind & _NO_PAGE)
