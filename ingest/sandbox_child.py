"""What runs in a child process of the sandbox: opens what it is sent until it is told to stop, or dies.

Imports nothing heavy before the child has set itself up, and never an encoder.
"""

import resource
from pathlib import Path
from typing import Protocol

from samespace.core.errors import SamespaceError, Unreadable
from samespace.core.processes.child import jobs, socket_to
from samespace.core.processes.messages import Message, send
from samespace.core.processes.packing import pack_answer

_MB = 1024 * 1024


class Runnable(Protocol):
    """A job as it arrives: see `ingest.sandbox.Job`."""

    @property
    def name(self) -> str:
        """What messages call it."""

    def run(self) -> object:
        """Do it."""


def main(descriptor: int, parent: int, memory_mb: int) -> None:
    """Answer every job on the socket with its result or its error, until the socket is closed."""
    with socket_to(parent, descriptor) as parent_end:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _import_parsers()
        _limit_memory(memory_mb)
        send(parent_end, Message("ready"))
        for job in jobs(parent_end):
            send(parent_end, pack_answer(_answer(job)))


def _answer(job: Runnable) -> object:
    from ingest import held

    held.let_go(unless=getattr(job, "key", ""))
    try:
        return job.run()
    except MemoryError:
        return MemoryError()
    except SamespaceError as error:
        return error
    except Exception as error:
        return Unreadable(f"{job.name} cannot be opened: {error}")


def _import_parsers() -> None:
    """Now, so that the memory they take does not count against a file."""
    import ingest.parse
    import ingest.thumbnail  # noqa: F401
    from ingest.formats import registry
    from samespace.core.named import named

    for row in registry.FORMATS.rows:
        named(row.reader)


def _limit_memory(memory_mb: int) -> None:
    statm = Path("/proc/self/statm")
    if statm.exists():
        used = int(statm.read_text().split()[0]) * resource.getpagesize()
        most = used + memory_mb * _MB
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
