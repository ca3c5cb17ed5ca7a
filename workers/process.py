"""What a worker process holds."""

import os
import secrets
import socket
import threading
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from samespace.services import Services
from search.caches import Caches
from workers.submit import Queue


def _owner() -> str:
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"


@dataclass(frozen=True, slots=True)
class Process:
    """The services, the queue, what classification keeps, the name under which leases are held, whether it was told to
    stop, and whether a job is done beside its tasks."""

    services: Services
    queue: Queue
    caches: Caches = field(default_factory=Caches)
    owner: str = field(default_factory=_owner)
    stopping: threading.Event = field(default_factory=threading.Event)
    beside: threading.Lock = field(default_factory=threading.Lock)
    _held: Counter[str] = field(default_factory=Counter)
    _jobs: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def holding(self, ids: Collection[str]) -> Iterator[None]:
        """Keep the leases of these documents while the block runs, and no longer: whatever could not be ended or
        put back then, because the records did not answer, comes back when its lease runs out."""
        with self._lock:
            self._held.update(ids)
        try:
            yield
        finally:
            with self._lock:
                self._held.subtract(ids)

    @contextmanager
    def holding_job(self, id: str) -> Iterator[None]:
        """Keep the lease of a job while the block runs, and no longer."""
        with self._lock:
            self._jobs.add(id)
        try:
            yield
        finally:
            with self._lock:
                self._jobs.discard(id)

    def jobs(self) -> list[str]:
        """The jobs that are being worked on here."""
        with self._lock:
            return sorted(self._jobs)

    def held(self) -> list[str]:
        """The documents that are being worked on here."""
        with self._lock:
            return sorted((+self._held).keys())


_current: list[Process] = []


def set_process(process: Process) -> None:
    """Make this the process that Celery's tasks run in; called once, before the first task."""
    _current[:] = [process]


def current() -> Process:
    """The process that this task runs in."""
    return _current[0]
