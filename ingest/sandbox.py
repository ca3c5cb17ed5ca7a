"""Untrusted bytes are opened in child processes that may crash, hang or eat memory, each alone.

See docs/decisions/0004-parse-in-child-processes.md.
"""

import os
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from queue import LifoQueue
from typing import Any, Self, TypeVar, cast

from ingest.packing import answer_type, pack_job, unpack_answer
from ingest.wire import BadMessage, TooMuch, receive, send
from samespace.core.asker import asker
from samespace.core.errors import SamespaceError, Unavailable, Unreadable
from samespace.core.isolation import Job

OUTPUT_MB = 1024
_MB = 1024 * 1024
_START_SECONDS = 60.0
_READY_BYTES = 100

T = TypeVar("T")


class Sandbox:
    """A row of child processes. Jobs may come from any thread; children start when first needed."""

    def __init__(
        self, workers: int, seconds: float, memory_mb: int, output_mb: int = OUTPUT_MB
    ) -> None:
        self._seconds = seconds
        self._memory_mb = memory_mb
        self._output_mb = output_mb
        self._children = [_Child(memory_mb, output_mb) for _ in range(workers)]
        self._idle: LifoQueue[_Child] = LifoQueue()
        for child in self._children:
            self._idle.put(child)
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="sandbox")
        self._is_closed = False

    def run(self, job: Job[T]) -> T:
        """The result of one job, or its error raised; GivenUp, TooLate as the one who asked waits."""
        future = self._submit(job)
        try:
            result = asker().result(future)
        finally:
            future.cancel()
        if isinstance(result, SamespaceError):
            raise result
        return result

    def run_many(self, jobs: Iterable[Job[T]]) -> Iterator[T | SamespaceError]:
        """The result or the error of each job, in order, while the next ones are being worked on.

        Unreadable, naming the file, if its child crashes, or takes more than the seconds, the memory
        or the output allowed; this never touches another job. Twice as many jobs as there are children
        are held at a time, so that results do not pile up.
        """
        left = iter(jobs)
        ahead = deque(self._submit(job) for job in islice(left, 2 * len(self._children)))
        try:
            while ahead:
                result = ahead.popleft().result()
                ahead.extend(self._submit(job) for job in islice(left, 1))
                yield result
        finally:
            for future in ahead:
                future.cancel()

    def close(self) -> None:
        """End the children, whatever they are at; jobs in flight answer Unavailable."""
        self._is_closed = True
        for child in self._children:
            child.kill()
        self._threads.shutdown(cancel_futures=True)
        for child in self._children:
            child.discard()  # also one that was just being started

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _submit(self, job: Job[T]) -> Future[T | SamespaceError]:
        if self._is_closed:
            raise Unavailable("the sandbox is closed")
        return self._threads.submit(self._run, job)

    def _run(self, job: Job[T]) -> T | SamespaceError:
        child = self._idle.get()
        try:
            return self._open(child, job)
        finally:
            self._idle.put(child)

    def _open(self, child: "_Child", job: Job[T]) -> T | SamespaceError:
        """Only a fresh child's death is held against a file: a used one may be damaged or just full."""
        was_used = child.is_used
        try:
            answer = child.ask(job, self._seconds)
        except TimeoutError:
            child.discard()
            return Unreadable(f"{job.name} took longer than {self._seconds:g} s to open")
        except TooMuch:
            child.discard()
            return Unreadable(
                f"{job.name} gives more than {self._output_mb} MB once opened (SAMESPACE_PARSE_OUTPUT_MB)"
            )
        except BadMessage:
            answer = Unreadable(f"{job.name} made the process that opened it answer nonsense")
        except (EOFError, OSError):
            answer = Unreadable(f"{job.name} crashed the process that opened it")
        else:
            if not isinstance(answer, MemoryError):
                return cast("T | SamespaceError", answer)
            answer = Unreadable(f"{job.name} needed more than {self._memory_mb} MB to open")
        child.discard()
        if self._is_closed:
            return Unavailable("the sandbox is closed")
        return self._open(child, job) if was_used else answer


class _Child:
    """The place of one child process, started when there is something to do."""

    def __init__(self, memory_mb: int, output_mb: int) -> None:
        self._memory_mb = memory_mb
        self._most_bytes = output_mb * _MB
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self.is_used = False

    def ask(self, job: Job[Any], seconds: float) -> object:
        """The child's answer; TimeoutError, TooMuch, BadMessage, or EOFError or OSError if it died."""
        connection = self._socket or self._start()
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
            self._process.kill()
            self._process.wait()
        if self._socket is not None:
            self._socket.close()
        self._process = self._socket = None
        self.is_used = False

    def _start(self) -> socket.socket:
        """A fresh interpreter: no fork of a process with threads, no second run of `__main__`, and an
        empty environment, so that keys and passwords are not within reach of what opens files."""
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-c", self._program(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env={"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
                start_new_session=True,
            )
        self._socket = ours
        try:
            receive(ours, _READY_BYTES, _START_SECONDS)
        except (EOFError, OSError, BadMessage) as error:
            self.discard()
            raise Unavailable("a process that opens files does not start; see its log") from error
        return ours

    def _program(self, descriptor: int) -> str:
        arguments = f"{descriptor}, {os.getpid()}, {self._memory_mb}"
        return f"import sys; sys.path[:] = {sys.path!r}; from ingest.sandbox_child import main; main({arguments})"
