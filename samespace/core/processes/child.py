"""The child's end: the socket to its parent, and the jobs that come on it. Imports nothing heavy."""

import ctypes
import os
import signal
import socket
import sys
from collections.abc import Iterator
from typing import Any

from samespace.core.processes.messages import receive
from samespace.core.processes.packing import unpack_job

_PR_SET_PDEATHSIG = 1


def end_with_parent(number: signal.Signals) -> None:
    """On Linux have the kernel send this signal when the thread that started this process ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)


def socket_to(parent: int, descriptor: int) -> socket.socket:
    """The socket; from now on this process ends with its parent, elsewhere than on Linux once it uses it next."""
    end_with_parent(signal.SIGKILL)
    if sys.platform == "linux" and os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
    found = socket.socket(fileno=descriptor)
    # It does not block if the parent made it while a library had set a timeout for all new sockets, as Celery
    # does when a worker stops.
    found.settimeout(None)
    return found


def jobs(parent_end: socket.socket) -> Iterator[Any]:
    """The jobs as they come, until the parent closes its end."""
    while True:
        try:
            message = receive(parent_end, sys.maxsize)
        except EOFError:
            return
        yield unpack_job(message)
