"""An application with its client, and a hand on what is behind it."""

import atexit
import base64
import functools
import io
import itertools
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from PIL import Image

from ingest.embed import ingest_documents
from ingest.sandbox import Sandbox
from samespace.api.app import make_app
from samespace.core.settings import Settings
from samespace.core.types import State
from samespace.encoders.load import Encoders
from samespace.services import Services
from samespace.store.blobs_disk import DiskBlobs
from samespace.store.records import Document
from samespace.store.vectors import VectorCache
from samespace.wiring import open_records_of
from tests.store.memory_index import MemoryIndex
from tests.store.sql_fixtures import lay_tables
from workers.app import QUEUES
from workers.submit import Queue, open_queue

HOME = "http://127.0.0.1:7373"
Json = Any

_numbers = itertools.count()


@dataclass(frozen=True)
class World:
    """The client, the stores behind it, and what a worker would use."""

    client: TestClient
    services: Services
    queue: Queue

    def collection(self) -> str:
        """The name of a new collection."""
        name = f"c{next(_numbers)}"
        assert self.client.post("/v1/collections", json={"name": name}).status_code == 201
        return name

    def add(self, collection: str, *texts: str, **fields: Any) -> Json:
        """The answer to texts that are accepted."""
        documents = [{"text": text, **fields} for text in texts]
        response = self.client.post(
            f"/v1/collections/{collection}/documents", json={"documents": documents}
        )
        assert response.status_code == 202, response.text
        return response.json()

    def send(self, collection: str, files: list[tuple[str, bytes]], **fields: Any) -> Any:
        """The response to files in a form."""
        return self.client.post(
            f"/v1/collections/{collection}/documents",
            files=[("file", file) for file in files],
            data={key: json.dumps(value) for key, value in fields.items()},
        )

    def ingest(self) -> list[Document]:
        """What a worker would do with all that waits; answers what became ready."""
        records = self.services.records
        ready = []
        for collection in records.collections.all():
            waiting = records.documents.page(collection.id, state=State.QUEUED, limit=1000)
            claimed = records.claims.claim([doc.id for doc in waiting], "test", 60)
            if claimed:
                ready += ingest_documents(claimed, self.services, must_stop=lambda: False)
        return ready

    def messages(self) -> list[tuple[str, Any]]:
        """The tasks in the queue, with their arguments."""
        raw = [line for name in QUEUES for line in self.queue.redis.lrange(name, 0, -1)]
        found = []
        for message in map(json.loads, raw):
            arguments = json.loads(base64.b64decode(message["body"]))[0]
            name = message["headers"]["task"].rpartition(".")[2]
            found.append((name, arguments[0] if arguments else None))
        return found


@functools.cache
def _sandbox() -> Sandbox:
    """One for the worlds of all tests: the child process of each would take half a second to start."""
    sandbox = Sandbox(1, 60, 2048)
    atexit.register(sandbox.close)
    return sandbox


def services_of(settings: Settings, encoders: Encoders) -> Services:
    """Everything in one folder, the index in memory."""
    lay_tables(settings.data / "records.db")
    return Services(
        settings=settings,
        records=open_records_of(settings),
        blobs=DiskBlobs(settings.data / "blobs"),
        vectors=VectorCache(f"sqlite:///{settings.data}/vectors.db"),
        index=MemoryIndex(),
        encoders=encoders,
        sandbox=_sandbox(),
    )


@contextmanager
def open_world(folder: Path, redis_url: str, encoders: Encoders, **limits: Any) -> Iterator[World]:
    """An application in a folder, answering until the block ends."""
    settings = Settings(data=folder, redis_url=redis_url, precision="float32", **limits)
    with ExitStack() as stack:
        services = services_of(settings, encoders)
        stack.callback(services.records.close)
        stack.callback(services.vectors.close)
        queue = open_queue(settings)
        stack.callback(queue.redis.close)
        stack.callback(queue.app.close)
        client = stack.enter_context(
            TestClient(
                make_app(settings, services, queue), base_url=HOME, raise_server_exceptions=False
            )
        )
        yield World(client, services, queue)


def png(color: str = "red", side: int = 32) -> bytes:
    """A picture of one colour."""
    file = io.BytesIO()
    Image.new("RGB", (side, side), color).save(file, "PNG")
    return file.getvalue()


def assert_problem(response: Any, status: int, code: str) -> Json:
    """The body, which has to be a problem of that status and code."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem.keys() - {"errors"} == {"type", "title", "status", "detail", "code"}
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["detail"]
    return problem
