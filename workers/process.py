"""What a worker process holds."""

import os
import secrets
import socket
import threading
from dataclasses import dataclass, field

from ingest.tools import Tools
from workers.submit import Queue


def _owner() -> str:
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"


@dataclass(frozen=True, slots=True)
class Process:
    """The tools, the queue, the name under which leases are held, and whether it was told to stop."""

    tools: Tools
    queue: Queue
    owner: str = field(default_factory=_owner)
    stopping: threading.Event = field(default_factory=threading.Event)


_current: list[Process] = []


def set_process(process: Process) -> None:
    """Make this the process that Celery's tasks run in; called once, before the first task."""
    _current[:] = [process]


def current() -> Process:
    """The process that this task runs in."""
    return _current[0]
