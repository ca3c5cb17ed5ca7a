"""The parts that ingest works with: real ones, the index in memory, a clock that nobody needs."""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ingest.accept import Receipt, Refusal, Upload, accept_documents
from ingest.collections import create_collection
from ingest.embed import ingest_documents
from ingest.sandbox import Sandbox
from samespace.core.settings import Settings
from samespace.core.types import Row
from samespace.encoders.load import Encoders
from samespace.services import Services
from samespace.store.blobs_disk import DiskBlobs
from samespace.store.records import Collection, Document, open_records
from samespace.store.vectors import VectorCache
from tests.store.memory_index import MemoryIndex
from tests.store.sql_fixtures import lay_tables


class House:
    """A collection, and the verbs of ingest with little to say."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.collection: Collection = create_collection(
            "house",
            "starter",
            records=services.records,
            index=services.index,
            encoders=services.encoders,
        )

    def offer(
        self,
        content: str | bytes,
        name: str = "note.txt",
        external_id: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> Receipt | Refusal:
        """What accepting this comes to."""
        data = content.encode() if isinstance(content, str) else content
        (answer,) = accept_documents(
            [Upload(name, io.BytesIO(data), external_id, metadata)],
            collection=self.collection,
            job_id="job",
            records=self.services.records,
            blobs=self.services.blobs,
            settings=self.services.settings,
        )
        return answer

    def accept(self, content: str | bytes, name: str = "note.txt", **more: Any) -> Document:
        """The document, accepted."""
        answer = self.offer(content, name, **more)
        assert isinstance(answer, Receipt), answer
        return answer.document

    def claim(self, *documents: Document, owner: str = "worker") -> list[Document]:
        """As a worker would."""
        return self.services.records.claims.claim([doc.id for doc in documents], owner, 60)

    def ingest(self, *documents: Document) -> list[Document]:
        """Claim and embed; answers those that became ready."""
        return ingest_documents(self.claim(*documents), self.services, must_stop=lambda: False)

    def now(self, document: Document) -> Document:
        """The document as the records have it."""
        return self.services.records.documents.many([document.id])[document.id]

    def rows(self) -> list[Row]:
        """All rows of the index."""
        (space,) = self.collection.spaces
        return [row for rows, _ in self.services.index.scan(space.index_name) for row in rows]


@contextmanager
def open_house(folder: Path, encoders: Encoders, sandbox: Sandbox) -> Iterator[House]:
    """A house on a fresh folder; models and child processes are shared."""
    settings = Settings(data=folder, slice_items=8, max_characters=200_000)
    lay_tables(folder / "records.db")
    services = Services(
        settings=settings,
        records=open_records(f"sqlite:///{folder}/records.db"),
        blobs=DiskBlobs(folder / "blobs"),
        vectors=VectorCache(f"sqlite:///{folder}/vectors.db"),
        index=MemoryIndex(),
        encoders=encoders,
        sandbox=sandbox,
    )
    try:
        yield House(services)
    finally:
        services.vectors.close()
        services.records.close()
