"""What the use cases work with: one set for a process, made by `samespace.wiring`."""

from dataclasses import dataclass

from samespace.core.isolation import Isolation
from samespace.core.settings import Settings
from samespace.encoders.load import Encoders
from samespace.store.blobs import Blobs
from samespace.store.index import Index
from samespace.store.records import Records
from samespace.store.vectors import VectorCache


@dataclass(frozen=True, slots=True)
class Services:
    """The stores, the encoders, and the child processes that open untrusted files."""

    settings: Settings
    records: Records
    blobs: Blobs
    vectors: VectorCache
    index: Index
    encoders: Encoders
    sandbox: Isolation

    def close(self) -> None:
        """Let everything go; encoders finish what they were given."""
        self.sandbox.close()
        self.encoders.close()
        self.vectors.close()
        self.records.close()
