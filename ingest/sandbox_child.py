"""What runs in a child process of the sandbox: opens what it is sent until it is told to stop, or dies.

Imports nothing heavy before the child has set itself up, and never an encoder.
"""

import ctypes
import os
import resource
import signal
import socket
import sys
from pathlib import Path
from typing import Protocol

from ingest.packing import pack_answer, unpack_job
from ingest.wire import Message, receive, send
from samespace.core.errors import SamespaceError, Unreadable

_PR_SET_PDEATHSIG = 1
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
    _die_with(parent)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _import_parsers()
    _limit_memory(memory_mb)
    with socket.socket(fileno=descriptor) as parent_end:
        # It does not block if the parent made it while a library had set a timeout for all new sockets,
        # as Celery does when a worker stops.
        parent_end.settimeout(None)
        send(parent_end, Message("ready"))
        while True:
            try:
                message = receive(parent_end, sys.maxsize)
            except EOFError:
                return
            send(parent_end, pack_answer(_answer(unpack_job(message))))


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


def _die_with(parent: int) -> None:
    """No child outlives its parent, however that ends. Elsewhere than on Linux it ends after its job."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)


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
