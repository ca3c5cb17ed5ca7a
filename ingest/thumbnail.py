"""Small pictures for people to look at; made after a document is ready."""

from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from ingest.formats.picture.read import read_picture
from ingest.parsed import Source, read_source

SMALL_SIDE = 320
LARGE_SIDE = 1280
"""Pixels; a picture that is smaller than that is not blown up."""

_LONGEST_PROFILE = 8192


@dataclass(frozen=True, slots=True)
class Thumbnails:
    """One picture in two sizes, as WebP."""

    small: bytes
    large: bytes


def thumbnails(data: bytes, max_pixels: int, name: str = "the picture") -> Thumbnails:
    """Pictures that fit into squares of 320 and 1280 pixels, decoded once; Unreadable as `read_picture`.

    Upright, the first frame, what is transparent on the ground that shows it: what the encoders see.
    Colours keep their profile; what else the original says of itself, such as where it was taken, stays behind.
    """
    image = read_picture(data, max_pixels, name, _reduction)
    profile = _rgb_profile(image)
    image.thumbnail((LARGE_SIDE, LARGE_SIDE), Image.Resampling.HAMMING)
    large = _webp(image, profile)
    if max(image.size) <= SMALL_SIDE:
        return Thumbnails(large, large)
    image.thumbnail((SMALL_SIDE, SMALL_SIDE), Image.Resampling.BICUBIC)
    return Thumbnails(_webp(image, profile), large)


@dataclass(frozen=True, slots=True)
class ThumbnailJob:
    """Making the thumbnails of one picture, as a job for the sandbox."""

    name: str
    source: Source
    max_pixels: int

    def run(self) -> Thumbnails:
        return thumbnails(read_source(self.source), self.max_pixels, self.name)


def _reduction(size: tuple[int, int]) -> int:
    return max(size) // LARGE_SIDE


def _webp(image: Image.Image, profile: bytes) -> bytes:
    webp = BytesIO()
    image.save(webp, "WEBP", quality=80, method=2, icc_profile=profile)
    return webp.getvalue()


def _rgb_profile(image: Image.Image) -> bytes:
    """The colour profile if it is one for the pixels as they are now: grey and CMYK became RGB."""
    profile: bytes = image.info.get("icc_profile") or b""
    return profile if profile[16:20] == b"RGB " and len(profile) <= _LONGEST_PROFILE else b""
