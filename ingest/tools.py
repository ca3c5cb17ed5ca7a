"""What ingesting works with; one set for a process, made by the wiring."""

from dataclasses import dataclass

from ingest.parsed import Limits
from ingest.sandbox import Sandbox
from samespace.core.settings import Settings
from samespace.encoders.load import Encoders
from samespace.store.blobs import Blobs
from samespace.store.index import Index
from samespace.store.records import Records
from samespace.store.vectors import VectorCache


@dataclass(frozen=True, slots=True)
class Tools:
    """The stores, the encoders, and the child processes that open untrusted files."""

    settings: Settings
    records: Records
    blobs: Blobs
    vectors: VectorCache
    index: Index
    encoders: Encoders
    sandbox: Sandbox

    @property
    def limits(self) -> Limits:
        """How much one document may hold."""
        settings = self.settings
        return Limits(settings.max_pixels, settings.max_pages, settings.max_characters)
