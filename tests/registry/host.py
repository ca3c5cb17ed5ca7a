"""A machine of an installation: the stores are those of all, its folder of models and what is loaded are its own."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ingest.accept import Receipt, Upload, accept_documents
from ingest.collections import create_collection
from ingest.embed import ingest_documents
from ingest.sandbox import Sandbox
from samespace.core.settings import Settings
from samespace.encoders.load import Encoders
from samespace.encoders.packed import PackedModels
from samespace.services import Services
from samespace.store.blobs import Blobs
from samespace.store.blobs_disk import DiskBlobs
from samespace.store.records import Collection
from samespace.store.vectors import VectorCache
from samespace.wiring import open_records_of
from search.background import Backgrounds
from search.cursor import Cursors, MemorySnapshots
from search.parts import Query, TextPart
from search.query import search
from search.searcher import Searcher
from tests.store.memory_index import MemoryIndex
from tests.store.sql_fixtures import lay_tables


@dataclass(frozen=True)
class Host:
    """The services of a process on this machine."""

    services: Services

    @property
    def models(self) -> Path:
        """Where it keeps models."""
        return self.services.settings.models

    def collection(self, name: str, preset: str) -> Collection:
        """A new collection."""
        services = self.services
        return create_collection(
            name,
            preset,
            records=services.records,
            index=services.index,
            encoders=services.encoders,
        )

    def add(self, collection: Collection, *texts: str) -> None:
        """Texts, taken in and ready."""
        uploads = [Upload(f"{text}.txt", io.BytesIO(text.encode()), None, {}) for text in texts]
        services = self.services
        answers = accept_documents(
            uploads,
            collection=collection,
            job_id="job",
            records=services.records,
            blobs=services.blobs,
            settings=services.settings,
        )
        ids = [answer.document.id for answer in answers if isinstance(answer, Receipt)]
        claimed = services.records.claims.claim(ids, "worker", 60)
        ready = ingest_documents(claimed, services, must_stop=lambda: False)
        assert len(ready) == len(texts)

    def answers(self, collection: Collection, words: str) -> list[str]:
        """The names of the documents that answer, best first."""
        services = self.services
        searcher = Searcher(
            services.records,
            services.index,
            services.encoders,
            Backgrounds(services.settings.background_items),
            Cursors(MemorySnapshots(), 60),
            services.settings,
        )
        found = services.records.collections.find(collection.name)
        answer = search(Query((TextPart(words),)), found, searcher)
        return [hit.document_name for hit in answer.hits]


@contextmanager
def host(
    data: Path, name: str, index: MemoryIndex, blobs: Blobs | None = None, **more: object
) -> Iterator[Host]:
    """A process on the machine of that name, over the stores in a folder."""
    settings = Settings.model_validate(
        {
            "data": data,
            "models": data / f"models-of-{name}",
            "device": "cpu",
            "precision": "float32",
            **more,
        }
    )
    lay_tables(data / "records.db")
    blobs = blobs or DiskBlobs(data / "blobs")
    services = Services(
        settings=settings,
        records=open_records_of(settings),
        blobs=blobs,
        vectors=VectorCache(f"sqlite:///{data}/vectors.db"),
        index=index,
        encoders=Encoders(settings, PackedModels(settings.models, blobs.open)),
        sandbox=Sandbox(1, 60, 2048),
    )
    try:
        yield Host(services)
    finally:
        services.close()
