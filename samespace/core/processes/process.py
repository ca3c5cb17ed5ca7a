"""A child process of this one, and the socket on which it is asked."""

import os
import selectors
import socket
import subprocess
import sys
from collections.abc import Mapping

_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class ChildProcess:
    """A fresh interpreter that runs `main(descriptor, parent, *arguments)` of a module: no fork of a process with
    threads, no second run of `__main__`, and an environment without the keys and passwords of this one."""

    def __init__(self, module: str, *arguments: int, env: Mapping[str, str] | None = None) -> None:
        self.socket, theirs = socket.socketpair()
        with theirs:
            given = ", ".join(map(str, (theirs.fileno(), os.getpid(), *arguments)))
            program = f"import sys; sys.path[:] = {sys.path!r}; from {module} import main"
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-c", f"{program}; main({given})"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=_ONE_THREAD | dict(env or {}),
                start_new_session=True,
            )
        self.pid = self._process.pid

    def has_answered(self, seconds: float) -> bool:
        """Whether an answer, or the end of the process, can be read within these seconds."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.socket, selectors.EVENT_READ)
            return bool(selector.select(seconds))

    def wait(self) -> int:
        """Its exit status, once it has ended."""
        return self._process.wait()

    def kill(self) -> None:
        """End it; whoever waits for its answer is told. Safe from any thread."""
        self._process.kill()

    def close(self) -> None:
        """End it and let go of what belongs to it."""
        self._process.kill()
        self._process.wait()
        self.socket.close()
