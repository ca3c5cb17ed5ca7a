"""What the scenarios of `make bench` share: the stack as `samespace up` runs it, and collections filled with rows."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from rich.console import Console

from benchmarks.chaos.stack import Running
from benchmarks.scenarios.calm import processor_seconds, wait_until_calm
from benchmarks.scenarios.fill import fill
from samespace.client import Client, Source

MB = 1024 * 1024
PARTS = ("api", "worker", "index", "queue")
_TIMEOUT = 600.0
console = Console()


@dataclass(slots=True)
class Bench:
    """One stack for all scenarios, a client of it, and what was asked for on the command line."""

    stack: Running
    client: Client
    folder: Path
    options: argparse.Namespace
    _filled: dict[int, str] = field(default_factory=dict)

    def collection(self, name: str) -> str:
        """A new, empty collection, once the worker has its models loaded and nothing of before is left to do."""
        self.client.create_collection(name)
        added = self.client.add(name, [Source("warm-up")])
        self.client.wait(*added["job_ids"])
        wait_until_calm(self.stack)
        return name

    def filled(self, rows: int) -> str:
        """A collection with about so many rows, filled at the first call."""
        if rows not in self._filled:
            console.print(f"filling a collection with {rows:,} rows")
            name = self._filled[rows] = self.collection(f"rows-{rows}")
            fill(name, rows, self.client, self.stack.data)
        return self._filled[rows]

    def processor_seconds(self, *parts: str) -> float:
        """Processor time that these parts, or all processes of the stack, have used so far."""
        some = [self.stack.part(name) for name in parts] if parts else self.stack.processes()
        return processor_seconds(some)


@contextmanager
def running(folder: Path, options: argparse.Namespace, **settings: object) -> Iterator[Bench]:
    """A stack with these settings on an empty folder, and a client of it, while the block runs."""
    environment = {f"SAMESPACE_{name.upper()}": str(value) for name, value in settings.items()}
    folder.mkdir()
    stack = Running(folder, environment)
    try:
        stack.start()
        stack.wait_until_ready()
        with Client(stack.url, timeout=_TIMEOUT, patience=_TIMEOUT) as client:
            yield Bench(stack, client, folder, options)
    finally:
        stack.stop()


def resident_mb(process: psutil.Process | None) -> float:
    """Its resident memory; pages it shares with others count in each."""
    return 0.0 if process is None else float(process.memory_info().rss) / MB
