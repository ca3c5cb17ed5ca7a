"""Files that come with a request: untrusted, so that a child process decodes them. Imports no encoder."""

from dataclasses import dataclass
from hashlib import sha256

from ingest.detect import HEAD_BYTES, marked
from samespace.core.content import Content
from samespace.core.errors import TooLarge
from samespace.core.isolation import Isolation
from samespace.core.modalities import alone_in, row_of
from samespace.core.named import named
from samespace.core.settings import Settings
from samespace.core.types import IMAGE, Modality


@dataclass(frozen=True, slots=True)
class QueryJob:
    """Decoding one file to search with, as a job for the sandbox; `decode` is what its modality's row names."""

    name: str
    source: bytes
    modality: Modality
    decode: str
    max_pixels: int

    def run(self) -> Content:
        """It, under the SHA-256 of its bytes."""
        decoded = named(self.decode)(self.source, self.max_pixels, self.name)
        return Content(self.modality, sha256(self.source).hexdigest(), decoded=decoded)


def decode_query(data: bytes, name: str, *, sandbox: Isolation, settings: Settings) -> Content:
    """What a file holds, as the row of its modality decodes it; TooLarge, Unreadable."""
    if len(data) > settings.max_file_bytes:
        raise TooLarge(f"{name} has {len(data)} bytes, the limit is {settings.max_file_bytes}")
    row = row_of(_modality_of(data, name))
    return sandbox.run(QueryJob(name, data, row.name, row.query, settings.max_pixels))


def _modality_of(data: bytes, name: str) -> Modality:
    """The one that a file of its media type is an item of; what is told by no mark is refused as a picture."""
    found = (row.name for row in alone_in(marked(data[:HEAD_BYTES], name) or "") if row.query)
    return next(found, IMAGE)
