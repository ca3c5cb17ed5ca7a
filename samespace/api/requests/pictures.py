"""Pictures that come with a request: untrusted, so that a child process decodes them. Imports no encoder."""

from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from PIL import Image

from ingest.formats.picture.read import read_picture
from samespace.core.content import Content
from samespace.core.errors import TooLarge
from samespace.core.isolation import Isolation
from samespace.core.settings import Settings


@dataclass(frozen=True, slots=True)
class PictureJob:
    """Decoding one picture, as a job for the sandbox."""

    name: str
    source: bytes
    max_pixels: int

    def run(self) -> Content:
        """The picture, under the SHA-256 of its bytes."""
        image = read_picture(self.source, self.max_pixels, self.name)
        return Content.of_picture(sha256(self.source).hexdigest(), np.asarray(image))


def decode_picture(
    data: bytes, name: str, *, sandbox: Isolation, settings: Settings
) -> Image.Image:
    """An RGB picture; TooLarge, or Unreadable as `read_picture`."""
    if len(data) > settings.max_file_bytes:
        raise TooLarge(f"{name} has {len(data)} bytes, the limit is {settings.max_file_bytes}")
    job = PictureJob(name=name, source=data, max_pixels=settings.max_pixels)
    return sandbox.run(job).image
