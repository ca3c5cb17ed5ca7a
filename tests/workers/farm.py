"""Real parts for the worker tests: Milvus Lite's server, Valkey, worker processes, and the API's side of the queue."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from typing import Any

from psutil import Process, wait_procs

from ingest.accept import Receipt, accept_documents, text_upload
from ingest.collections import create_collection
from samespace.core.settings import Settings, as_environment
from samespace.core.types import State
from samespace.operations.stack.folder import Folder
from samespace.operations.stack.program import Program
from samespace.operations.stack.stack import Stack
from samespace.operations.stack.supervisor import Supervisor
from samespace.services import Services
from samespace.store.records import Collection
from samespace.wiring import open_services
from tests.services import ROOT, pid_of
from workers.submit import Queue, open_queue


@dataclass
class Farm:
    """The stores and the queue, with workers that tests start and kill."""

    settings: Settings
    supervisor: Supervisor
    services: Services
    queue: Queue
    logs: Path
    programs: Mapping[str, Program]
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start_worker(self) -> subprocess.Popen[bytes]:
        """A worker process, not waited for."""
        return self._start("samespace.operations.stack.child", "worker")

    def start_nursery(self, *parts: str) -> subprocess.Popen[bytes]:
        """These parts, each there again in a moment whenever it dies; not waited for."""
        return self._start("tests.faults.nursery", *parts)

    def _start(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (self.logs / f"worker-{len(self.workers)}.log").open("wb") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=ROOT,
                env=as_environment(self.settings),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.workers.append(worker)
        return worker

    def kill(self, name: str) -> None:
        """kill -9 of the index or the queue; nobody starts it again."""
        process = self.server(name)
        process.kill()
        wait_procs([process])

    def restart(self, name: str) -> None:
        """Start one that was killed."""
        self.supervisor.start([self.programs[name]])

    def server(self, name: str) -> Process:
        """The process of the index or the queue."""
        return Process(pid_of(self.settings.data, name))

    def collection(self, name: str) -> Collection:
        """A new collection in the starter space."""
        return create_collection(
            name,
            "starter",
            records=self.services.records,
            index=self.services.index,
            encoders=self.services.encoders,
        )

    def accept(
        self, collection: Collection, texts: Sequence[str], names: Sequence[str] | None = None
    ) -> list[str]:
        """Accepted, under these external ids if there are any, but the queue is not told."""
        named = zip(texts, names or repeat(None, len(texts)), strict=True)
        receipts = accept_documents(
            [text_upload(text, None, name, None) for text, name in named],
            collection=collection,
            job_id="job",
            records=self.services.records,
            blobs=self.services.blobs,
            settings=self.settings,
        )
        assert all(isinstance(one, Receipt) for one in receipts)
        return [one.document.id for one in receipts if isinstance(one, Receipt)]

    def submit(self, ids: Sequence[str]) -> None:
        """Tell the queue of documents that were accepted."""
        self.queue.ingest(len(ids))

    def wait_for(
        self, collection: Collection, state: State, count: int, seconds: float = 180
    ) -> None:
        """Until that many documents are in that state."""
        deadline = time.monotonic() + seconds
        while self.services.records.documents.counts(collection.id).get(state, 0) < count:
            counts = self.services.records.documents.counts(collection.id)
            assert time.monotonic() < deadline, f"{counts}\n{self.worker_logs()}"
            time.sleep(0.05)

    def wait_until(self, condition: Callable[[], bool], seconds: float = 180) -> None:
        """Until it holds."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, self.worker_logs()
            time.sleep(0.05)

    def worker_logs(self) -> str:
        """The ends of what the workers wrote, for a failing test."""
        return "\n".join(
            file.read_text()[-2000:] for file in sorted(self.logs.glob("worker-*.log"))
        )

    def assert_each_item_once(self, collection: Collection) -> None:
        """The index holds exactly the items that the records say, each once."""
        documents = self.services.records.documents.page(collection.id, limit=10_000)
        recorded = [
            item.key for doc in documents for item in self.services.records.documents.items(doc)
        ]
        (space,) = collection.spaces
        indexed = [
            row.item.key for rows, _ in self.services.index.scan(space.index_name) for row in rows
        ]
        assert sorted(indexed) == sorted(recorded)
        assert len(recorded) == len(set(recorded)) >= len(documents)

    def end(self) -> None:
        """End the workers, hard where they are slow."""
        for worker in self.workers:
            worker.terminate()
        for worker in self.workers:
            try:
                worker.wait(30)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()


@contextmanager
def run_farm(data: Path, **more: Any) -> Iterator[Farm]:
    """A farm without workers, on a fresh folder; leases and the reconciler are quick."""
    quick = {"lease_seconds": 3, "reconcile_seconds": 0.5, "slice_items": 8}
    settings = Settings(data=data, port=0, **quick | more)
    folder = Folder(data)
    folder.prepare()
    stack = Stack(settings)
    supervisor = Supervisor(folder.logs, folder.run, lambda _: None)
    programs = {program.name: program for program in stack.servers()}
    supervisor.start(list(programs.values()))
    services = open_services(stack.settings)
    farm = Farm(
        stack.settings, supervisor, services, open_queue(stack.settings), folder.logs, programs
    )
    try:
        yield farm
    finally:
        farm.end()
        services.close()
        farm.queue.close()
        supervisor.stop()
