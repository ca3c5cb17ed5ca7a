"""The child process that exports, as its parent sees it."""

import json
import subprocess
import sys
from dataclasses import asdict
from typing import IO, Any, cast

from samespace.core.settings import Settings, as_environment
from samespace.core.types import Space


class Exporting:
    """An export under way; it ends with `close`, or with this process."""

    def __init__(self, space: Space, settings: Settings) -> None:
        program = f"import sys; sys.path[:] = {sys.path!r}; from samespace.encoders.export import main; main()"
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=as_environment(settings),
            text=True,
            start_new_session=True,
        )
        stdin = cast("IO[str]", self._process.stdin)
        stdin.write(write_space(space) + "\n")
        stdin.flush()

    def wait(self) -> str:
        """Wait for its end: what went wrong, in words; empty if nothing did."""
        said = cast("IO[str]", self._process.stdout).read()
        status = self._process.wait()
        self._close_pipes()
        return said or (f"the process that exports ended with status {status}" if status else "")

    def close(self) -> None:
        """End it, whatever it is at; who waits is told."""
        self._process.kill()
        self._process.wait()

    def _close_pipes(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            cast("IO[str]", pipe).close()


def write_space(space: Space) -> str:
    """A space as one line of JSON."""
    return json.dumps({**asdict(space), "modalities": sorted(space.modalities)})


def read_space(line: str) -> Space:
    """The space of such a line."""
    raw: dict[str, Any] = json.loads(line)
    return Space(**{**raw, "modalities": frozenset(raw["modalities"])})
