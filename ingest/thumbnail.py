"""Small pictures for people to look at; made after a document is ready."""

from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from ingest.parsed import Source, read_source
from ingest.parsers.picture import read_picture


def thumbnail(data: bytes, max_pixels: int, side: int, name: str = "the picture") -> bytes:
    """A WebP picture that fits into side x side pixels; Unreadable as `read_picture`."""
    image = read_picture(data, max_pixels, name)
    image.thumbnail((side, side), Image.Resampling.BICUBIC)
    webp = BytesIO()
    image.save(webp, "WEBP", quality=80, method=2)
    return webp.getvalue()


@dataclass(frozen=True, slots=True)
class ThumbnailJob:
    """Making one thumbnail, as a job for the sandbox."""

    name: str
    source: Source
    max_pixels: int
    side: int

    def run(self) -> bytes:
        """See `thumbnail`."""
        return thumbnail(read_source(self.source), self.max_pixels, self.side, self.name)
