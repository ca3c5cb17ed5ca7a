"""Keeping child programs running: start in order, restart what crashes with growing pauses, stop in reverse."""

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from samespace.cli.logs import rotate
from samespace.core.errors import Unavailable

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
_STEADY_SECONDS = 60.0
_TICK = 0.1


@dataclass(frozen=True, slots=True)
class Program:
    """A program to keep running; `answers` says whether it is at work, `stop_seconds` how long it may take to end."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    answers: Callable[[], bool]
    start_seconds: float = 60.0
    stop_seconds: float = 20.0


@dataclass(slots=True)
class _Child:
    program: Program
    process: subprocess.Popen[bytes]
    started_at: float
    crashes: int = 0
    restart_at: float | None = None


@dataclass(slots=True)
class Supervisor:
    """The children of one stack; `report` is told, in a sentence, of everything that happens to them,
    `on_crash` the name of each that ended by itself.

    A log of more than `log_bytes` is renamed, and `log_files` such are kept; the programs open a new one themselves.
    """

    logs: Path
    pids: Path
    report: Callable[[str], None]
    on_crash: Callable[[str], None] = lambda _: None
    log_bytes: int = 10 << 20
    log_files: int = 5
    _children: list[_Child] = field(default_factory=list)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _watched: threading.Event = field(default_factory=threading.Event)
    _ended: threading.Event = field(default_factory=threading.Event)
    _watcher: threading.Thread | None = None

    def end_leftovers(self) -> None:
        """End programs of a run that was killed: those whose pid and start time stand in `pids`."""
        for file in sorted(self.pids.glob("*.pid")):
            leftover = _leftover(file)
            if leftover is not None:
                self.report(
                    f"ending {file.stem} (pid {leftover.pid}), left over from a run that was killed"
                )
                _end(leftover)
            file.unlink()

    def start(self, programs: Sequence[Program]) -> None:
        """Start these together and wait until each is at work; Unavailable if one is not in its time."""
        started = [_Child(program, self._spawn(program), time.monotonic()) for program in programs]
        self._children += started
        for child in started:
            self._wait(child)

    def watch_in_background(self) -> None:
        """Restart what ends by itself, until `stop`."""
        self._watcher = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._watcher.start()

    def stop(self) -> bool:
        """End all children, the last started first; what does not end in its time is killed.

        Answers whether each ended without being killed.
        """
        self._stopping.set()
        if self._watcher is not None:
            self._watched.wait()
        for child in reversed(self._children):
            if child.process.poll() is None:
                child.process.send_signal(signal.SIGTERM)
                self._wait_for_end(child)
            (self.pids / f"{child.program.name}.pid").unlink(missing_ok=True)
        self._ended.set()
        if self._watcher is not None:
            self._watcher.join()
        was_clean = all(child.process.returncode != -signal.SIGKILL for child in self._children)
        self._children.clear()
        return was_clean

    def kill(self) -> None:
        """Stop waiting for anything: a second Ctrl-C."""
        for child in self._children:
            child.process.kill()

    def _spawn(self, program: Program) -> subprocess.Popen[bytes]:
        with self._log_of(program).open("ab") as log:
            process = subprocess.Popen(
                program.command,
                env=program.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Out of the terminal's reach: on Ctrl-C the supervisor ends them in order.
                start_new_session=True,
            )
        stamp = f"{process.pid} {psutil.Process(process.pid).create_time()}"
        # In one step: half a stamp would hide a leftover from the next start.
        new = self.pids / f"{program.name}.new"
        new.write_text(stamp)
        new.replace(self.pids / f"{program.name}.pid")
        return process

    def _log_of(self, program: Program) -> Path:
        return self.logs / f"{program.name}.log"

    def _wait(self, child: _Child) -> None:
        deadline = child.started_at + child.program.start_seconds
        name, log = child.program.name, self._log_of(child.program)
        while not child.program.answers():
            if child.process.poll() is not None:
                raise Unavailable(
                    f"{name} ended while starting, with status {child.process.returncode}; see {log}"
                )
            if time.monotonic() > deadline:
                raise Unavailable(
                    f"{name} does not answer after {child.program.start_seconds:.0f} s; see {log}"
                )
            time.sleep(_TICK)

    def _watch(self) -> None:
        while not self._stopping.wait(_TICK):
            for child in self._children:
                self._look_after(child)
                rotate(self._log_of(child.program), self.log_bytes, self.log_files)
        self._watched.set()
        # The kernel ends a child when the thread that started it ends (PR_SET_PDEATHSIG), not when the process does:
        # those that were started again here would all be told to stop at once, and then once more by `stop`.
        self._ended.wait()

    def _look_after(self, child: _Child) -> None:
        now = time.monotonic()
        if child.restart_at is not None:
            if now >= child.restart_at:
                child.process, child.started_at, child.restart_at = (
                    self._spawn(child.program),
                    now,
                    None,
                )
                self.report(f"{child.program.name} started again")
        elif child.process.poll() is not None:
            steady = now - child.started_at > _STEADY_SECONDS
            child.crashes = 1 if steady else child.crashes + 1
            pause = min(_FIRST_PAUSE * 2 ** (child.crashes - 1), _LONGEST_PAUSE)
            child.restart_at = now + pause
            self.on_crash(child.program.name)
            self.report(
                f"{child.program.name} ended with status {child.process.returncode}, "
                f"starting it again in {pause:.0f} s; see {self._log_of(child.program)}"
            )

    def _wait_for_end(self, child: _Child) -> None:
        try:
            child.process.wait(child.program.stop_seconds)
        except subprocess.TimeoutExpired:
            self.report(
                f"{child.program.name} did not end in {child.program.stop_seconds:.0f} s: killed"
            )
            child.process.kill()
            child.process.wait()


def _leftover(file: Path) -> psutil.Process | None:
    """The process a pid file tells of, if it still is that one and not a later one with its number."""
    try:
        pid, created = file.read_text().split()
        process = psutil.Process(int(pid))
        return process if abs(process.create_time() - float(created)) < 1 else None
    except (ValueError, psutil.NoSuchProcess):
        return None


def _end(process: psutil.Process) -> None:
    try:
        process.terminate()
        process.wait(20)
    except psutil.TimeoutExpired:
        process.kill()
    except psutil.NoSuchProcess:
        pass
