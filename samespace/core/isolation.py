"""Work for a process that may crash, hang or eat memory alone, as whoever gives it out sees it."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

from samespace.core.errors import SamespaceError

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Job(Protocol[T_co]):
    """Work for a child: a frozen dataclass of what `core.processes.packing` knows, in a module without an encoder."""

    @property
    def name(self) -> str:
        """The file, as messages call it."""

    def run(self) -> T_co:
        """Do it, in the child; its answer is read as the type that stands here."""


class Isolation(Protocol):
    """A row of child processes; `ingest.sandbox.Sandbox` is one."""

    def run(self, job: Job[T]) -> T:
        """The result of one job, or its error raised."""

    def run_many(self, jobs: Iterable[Job[T]]) -> Iterator[T | SamespaceError]:
        """The result or the error of each job, in order."""

    def read_on(self, key: str, held: Job[T], anew: Callable[[], Job[T]]) -> T | SamespaceError:
        """The result or the error of a job for the child that keeps this document open, or else of `anew`."""

    def let_go(self, key: str) -> None:
        """Nobody reads on in this document."""

    def close(self) -> None:
        """End the children."""
