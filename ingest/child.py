"""One child process of the sandbox: its start, a question, its end, and the document that it keeps open."""

import time

from samespace.core.errors import Unavailable
from samespace.core.processes.messages import BadMessage, receive, send
from samespace.core.processes.packing import answer_type, pack_job, unpack_answer
from samespace.core.processes.process import ChildProcess

_MB = 1024 * 1024
_START_SECONDS = 60.0
_READY_BYTES = 100
_PROTECTED = 4.0
"""A document stays open for so many times as long as it took to open it, though others wait for its child, ..."""
_MOST_PROTECTED_SECONDS = 2.0
"""... and no longer than that."""


class Child:
    """The place of one child process, started when there is something to do."""

    def __init__(self, memory_mb: int, output_mb: int) -> None:
        self._memory_mb = memory_mb
        self._most_bytes = output_mb * _MB
        self._process: ChildProcess | None = None
        self.is_used = False
        self.is_busy = False
        self.holds = ""
        self._opened_at = self._opening = self.last_used = 0.0

    def hold(self, key: str, seconds: float) -> None:
        """Note the document that it keeps open, which took so long to open, or that it keeps none."""
        self.last_used = time.monotonic()
        if key and key != self.holds:
            self._opened_at, self._opening = self.last_used, seconds
        self.holds = key

    def spare_in(self) -> float:
        """Seconds until what it holds may be let go for others."""
        protected = min(_MOST_PROTECTED_SECONDS, _PROTECTED * self._opening)
        return max(0.0, self._opened_at + protected - time.monotonic())

    def ask(self, job: object, seconds: float) -> object:
        """The child's answer; TimeoutError, TooMuch, BadMessage, or EOFError or OSError if it died."""
        connection = (self._process or self._start()).socket
        connection.settimeout(seconds)
        self.is_used = True
        send(connection, pack_job(job))
        answer = receive(connection, self._most_bytes, seconds)
        return unpack_answer(answer, answer_type(job))

    def kill(self) -> None:
        """End the process; whoever waits for it is told. Safe from any thread."""
        if self._process is not None:
            self._process.kill()

    def discard(self) -> None:
        """End the process and forget it; the next job gets a fresh one."""
        if self._process is not None:
            self._process.close()
        self._process = None
        self.is_used, self.holds = False, ""

    def _start(self) -> ChildProcess:
        self._process = process = ChildProcess("ingest.sandbox_child", self._memory_mb)
        try:
            receive(process.socket, _READY_BYTES, _START_SECONDS)
        except (EOFError, OSError, BadMessage) as error:
            self.discard()
            raise Unavailable("a process that opens files does not start; see its log") from error
        return process
