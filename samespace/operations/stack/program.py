"""A program of the stack, and one run of it: its process, its output, the signs of life it gives."""

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Program:
    """A program to keep running; `answers` says whether it is at work, `stop_seconds` how long it may take to end.

    Whether it goes on answering is asked of `lives`, over and over. One that `pulses` says so itself: its standard
    input is a pipe into which it writes a byte now and then. One that does neither is taken to live while it runs.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    answers: Callable[[], bool]
    start_seconds: float = 60.0
    stop_seconds: float = 20.0
    lives: Callable[[], bool] | None = None
    pulses: bool = False


@dataclass(slots=True)
class Run:
    """A program since it was last started; `heard_at` is when it last gave a sign of life, None before the first,
    `logged` the size of its log when it was last looked at."""

    program: Program
    process: subprocess.Popen[bytes]
    started_at: float
    pulse: int | None = None
    heard_at: float | None = None
    crashes: int = 0
    restart_at: float | None = None
    logged: int = 0

    def listen(self, now: float) -> None:
        """Note the pulse that came since the last time."""
        if self.pulse is not None and _read(self.pulse):
            self.heard_at = now

    def silence(self, now: float, allowed: float) -> float | None:
        """The seconds without a sign of life, if more than allowed; before the first it has its time to start."""
        if self.program.lives is None and not self.program.pulses:
            return None
        if self.heard_at is None:
            since, allowed = self.started_at, max(allowed, self.program.start_seconds)
        else:
            since = self.heard_at
        return now - since if now - since > allowed else None

    def forgive(self, seconds: float) -> None:
        """Time in which nobody listened, because the machine or the supervisor stood still, is no silence."""
        self.started_at += seconds
        if self.heard_at is not None:
            self.heard_at += seconds

    def again(self, log: Path, now: float) -> None:
        """Start it once more; OSError."""
        self.process, pulse = launch(self.program, log)
        self.close()
        self.pulse, self.started_at, self.heard_at, self.restart_at = pulse, now, None, None

    def close(self) -> None:
        """Hear no more of it."""
        if self.pulse is not None:
            os.close(self.pulse)
            self.pulse = None


def launch(program: Program, log: Path) -> tuple[subprocess.Popen[bytes], int | None]:
    """Start it, writing to its log: the process, and where its pulse is heard; OSError.

    Where the log cannot be opened, what it says is lost until it opens the log itself.
    """
    heard, told = os.pipe() if program.pulses else (None, None)
    try:
        with (log if _can_append(log) else Path(os.devnull)).open("ab") as output:
            process = subprocess.Popen(
                program.command,
                env=program.environment,
                stdin=subprocess.DEVNULL if told is None else told,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Out of the terminal's reach: on Ctrl-C the supervisor ends them in order.
                start_new_session=True,
            )
    except BaseException:
        if heard is not None:
            os.close(heard)
        raise
    finally:
        if told is not None:
            os.close(told)
    if heard is not None:
        os.set_blocking(heard, False)
    return process, heard


def _can_append(log: Path) -> bool:
    try:
        log.open("ab").close()
    except OSError:
        return False
    return True


def _read(pulse: int) -> bytes:
    try:
        return os.read(pulse, 4096)
    except OSError:
        return b""
