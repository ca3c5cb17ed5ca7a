"""Untrusted bytes are opened in child processes that may crash, hang or eat memory, each alone.

See docs/decisions/0004-parse-in-child-processes.md.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import Self, TypeVar, cast

from ingest.child import Child
from ingest.children import Asking, Children
from samespace.core.asker import asker
from samespace.core.errors import SamespaceError, Unavailable, Unreadable
from samespace.core.isolation import Job
from samespace.core.processes.messages import BadMessage, TooMuch

OUTPUT_MB = 1024
_MOST_WAITING = 64
"""Threads that wait for a child; each is started when it is needed."""

T = TypeVar("T")


class Sandbox:
    """A row of child processes. Jobs may come from any thread; children start when first needed.

    A job whose answer says `is_held` leaves its document open in its child, under the `key` of the job, for `read_on`.
    That child takes no job that is not waited for yet, and others only after a while.
    """

    def __init__(
        self, workers: int, seconds: float, memory_mb: int, output_mb: int = OUTPUT_MB
    ) -> None:
        self._seconds = seconds
        self._memory_mb = memory_mb
        self._output_mb = output_mb
        self._children = Children([Child(memory_mb, output_mb) for _ in range(workers)])
        self._threads = ThreadPoolExecutor(_MOST_WAITING, thread_name_prefix="sandbox")
        self._is_closed = False

    def run(self, job: Job[T]) -> T:
        """The result of one job, or its error raised; GivenUp, TooLate as the one who asked waits."""
        asking = Asking(is_urgent=True, is_patient=False)
        future = self._submit(job, asking)
        try:
            result = asker().result(future)
        finally:
            future.cancel()
            self._children.drop([asking])
        if isinstance(result, SamespaceError):
            raise result
        return result

    def run_many(self, jobs: Iterable[Job[T]]) -> Iterator[T | SamespaceError]:
        """The result or the error of each job, in order, while the next ones are being worked on.

        Unreadable, naming the file, if its child crashes, or takes more than the seconds, the memory
        or the output allowed; this never touches another job. Twice as many jobs as there are children
        are held at a time, so that results do not pile up. What the jobs leave open is let go in the end.
        """
        left = iter(jobs)
        ahead = deque(self._ahead(job) for job in islice(left, 2 * len(self._children)))
        keys: list[str] = []
        try:
            while ahead:
                future, asking, key = ahead[0]
                self._children.hurry(asking)
                keys.append(key)
                result = future.result()
                ahead.popleft()
                ahead.extend(self._ahead(job) for job in islice(left, 1))
                yield result
        finally:
            self._children.let_go(keys)
            for future, asking, key in ahead:
                future.cancel()
                self._children.drop([asking])
                future.add_done_callback(partial(self._let_go, key))

    def read_on(self, key: str, held: Job[T], anew: Callable[[], Job[T]]) -> T | SamespaceError:
        """The result or the error of a job for the child that keeps this document open; where none does any more, that
        of `anew`, which opens it again."""
        if self._is_closed:
            raise Unavailable("the sandbox is closed")

        def right(is_held: bool) -> Job[T]:  # noqa: FBT001
            return held if is_held else anew()

        return self._run(right, key, Asking(is_urgent=True))

    def let_go(self, key: str) -> None:
        """Nobody reads on in this document."""
        self._children.let_go([key])

    def close(self) -> None:
        """End the children, whatever they are at; jobs in flight answer Unavailable."""
        self._is_closed = True
        self._children.kill()
        self._threads.shutdown(cancel_futures=True)
        self._children.discard()  # also one that was just being started

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _let_go(self, key: str, _: object) -> None:
        self._children.let_go([key])

    def _ahead(self, job: Job[T]) -> tuple[Future[T | SamespaceError], Asking, str]:
        asking = Asking()
        return self._submit(job, asking), asking, _key_of(job)

    def _submit(self, job: Job[T], asking: Asking) -> Future[T | SamespaceError]:
        if self._is_closed:
            raise Unavailable("the sandbox is closed")

        def only(_: bool) -> Job[T]:  # noqa: FBT001
            return job

        return self._threads.submit(self._run, only, _key_of(job), asking)

    def _run(
        self, job_for: Callable[[bool], Job[T]], key: str, asking: Asking
    ) -> T | SamespaceError:
        with self._children.one(key, asking) as child:
            return self._open(child, job_for, key)

    def _open(
        self, child: Child, job_for: Callable[[bool], Job[T]], key: str
    ) -> T | SamespaceError:
        """Only a fresh child's death is held against a file: a used one may be damaged or just full."""
        was_used = child.is_used
        job = job_for(bool(key) and child.holds == key)
        started = time.monotonic()
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
                is_held = getattr(answer, "is_held", False)
                child.hold(key if is_held else "", time.monotonic() - started)
                return cast("T | SamespaceError", answer)
            answer = Unreadable(f"{job.name} needed more than {self._memory_mb} MB to open")
        child.discard()
        if self._is_closed:
            return Unavailable("the sandbox is closed")
        return self._open(child, job_for, key) if was_used else answer


def _key_of(job: object) -> str:
    return str(getattr(job, "key", ""))
