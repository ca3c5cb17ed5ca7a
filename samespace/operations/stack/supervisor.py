"""Keeping child programs running: restart what crashes or hangs with growing pauses, stop in the reverse of the start.

Nothing that watching does may end it. What it writes may fail, for a disk is full or a reader gone: what can wait is
written later, what cannot is done without.
"""

import contextlib
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from samespace.core.errors import Unavailable
from samespace.core.files import replace_text
from samespace.operations.stack.deferred import Owed
from samespace.operations.stack.logs import rotate
from samespace.operations.stack.program import Program, Run, launch
from samespace.operations.stack.wakeups import Bell

_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 30.0
_STEADY_SECONDS = 60.0
_FIRST_LOOK, _LONGEST_LOOK = 0.02, 0.2
# An end, a stop and a start that is due wake the watcher; what is left is whether one hangs or begins to fill its log.
_TICK = 2.0
_LOG_TICK = 0.1
_TRIES_EVERY_SECONDS = 1.0
_ASKS_EVERY_SECONDS = 10.0
_STOOD_STILL_SECONDS = 5.0
_WATCHER_SECONDS = 10.0
_KILL_SECONDS = 10.0


@dataclass(slots=True)
class Supervisor:
    """The children of one stack; `report` is told, in a sentence, of everything that happens to them,
    `on_crash` the name of each that ended by itself.

    A log of more than `log_bytes` is renamed, and `log_files` such are kept; the programs open a new one themselves.
    A program without a sign of life for `hang_seconds` is killed, and started again as one that crashed.
    """

    logs: Path
    pids: Path
    report: Callable[[str], None]
    on_crash: Callable[[str], None] = lambda _: None
    log_bytes: int = 10 << 20
    log_files: int = 5
    hang_seconds: float = 120.0
    _groups: list[list[Run]] = field(default_factory=list)
    _bell: Bell = field(default_factory=Bell)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _watched: threading.Event = field(default_factory=threading.Event)
    _ended: threading.Event = field(default_factory=threading.Event)
    _watcher: threading.Thread | None = None
    _owed: Owed = field(init=False)
    _told: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._owed = Owed(self._say)

    def end_leftovers(self) -> None:
        """End programs of a run that was killed: those whose pid and start time stand in `pids`."""
        for file in sorted(self.pids.glob("*.pid")):
            leftover = _leftover(file)
            if leftover is not None:
                self._say(
                    f"ending {file.stem} (pid {leftover.pid}), left over from a run that was killed"
                )
                _end(leftover)
            file.unlink()

    def start(self, *groups: Sequence[Program]) -> None:
        """Start these and wait until each is at work; Unavailable if one is not in its time.

        None waits for another. Where one group needs another while it stops, it comes later.
        """
        started = []
        for programs in groups:
            group: list[Run] = []
            self._groups.append(group)
            # One by one: those that were started before one that cannot be are ended.
            group.extend(map(self._first_run, programs))
            started += group
        for run in started:
            self._wait(run)

    @property
    def _runs(self) -> list[Run]:
        return [run for group in self._groups for run in group]

    def watch_in_background(self) -> None:
        """Restart what ends by itself or hangs, until `stop`."""
        for run in self._runs:
            if run.program.lives is not None:
                # Nobody asked while the others started.
                run.heard_at = time.monotonic()
                # Each by itself: one that hangs keeps those waiting that ask it.
                threading.Thread(target=self._ask, args=[run], name="asks", daemon=True).start()
        self._watcher = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._watcher.start()

    def stop(self) -> bool:
        """End all children, the last group first and each group at once; what does not end in its time is killed.

        Answers whether each ended without being killed, and nothing is left that could not be written.
        """
        self._stopping.set()
        self._bell.wake()
        if self._watcher is not None:
            self._watched.wait(_WATCHER_SECONDS)
        for group in reversed(self._groups):
            self._end_group(group)
        self._ended.set()
        if self._watcher is not None:
            self._watcher.join(_WATCHER_SECONDS)
        was_clean = all(run.process.returncode != -signal.SIGKILL for run in self._runs)
        self._groups.clear()
        return self._owed.settle() and was_clean

    def kill(self) -> None:
        """Stop waiting for anything: a second Ctrl-C."""
        for run in self._runs:
            run.process.kill()

    def _say(self, text: str) -> None:
        # rich ends the program that prints to a reader who is gone; what is said here is no reason to end.
        with contextlib.suppress(Exception, SystemExit):
            self.report(text)

    @contextlib.contextmanager
    def _outliving(self, what: str) -> Iterator[None]:
        """Whatever goes wrong within the block is told, once, and goes no further."""
        try:
            yield
        except Exception as error:
            said = f"{what}: {error}"
            if said not in self._told:
                self._told.add(said)
                self._say(said)

    def _first_run(self, program: Program) -> Run:
        try:
            process, pulse = launch(program, self._log_of(program))
        except OSError as error:
            raise Unavailable(f"{program.name} cannot be started: {error.strerror}") from error
        run = Run(program, process, time.monotonic(), pulse)
        self._note_pid(run)
        return run

    def _note_pid(self, run: Run) -> None:
        name, process = run.program.name, run.process

        def write() -> None:
            # What has ended meanwhile leaves nothing to be ended by the next start.
            if process.poll() is None:
                stamp = f"{process.pid} {psutil.Process(process.pid).create_time()}"
                # In one step: half a stamp would hide a leftover from the next start.
                replace_text(self.pids / f"{name}.pid", stamp)

        self._owed.do(f"the pid file of {name}", write)

    def _log_of(self, program: Program) -> Path:
        return self.logs / f"{program.name}.log"

    def _wait(self, run: Run) -> None:
        program, log = run.program, self._log_of(run.program)
        pause = _FIRST_LOOK
        while not program.answers():
            if run.process.poll() is not None:
                raise Unavailable(
                    f"{program.name} ended while starting, with status {run.process.returncode}; see {log}"
                )
            if time.monotonic() > run.started_at + program.start_seconds:
                raise Unavailable(
                    f"{program.name} does not answer after {program.start_seconds:.0f} s; see {log}"
                )
            self._bell.wait([run.process], pause)
            # Each look costs the one that starts something.
            pause = min(2 * pause, _LONGEST_LOOK)

    def _watch(self) -> None:
        due = settled = time.monotonic()
        while not self._stopping.is_set():
            now = time.monotonic()
            for run in self._runs:
                if now - due > _STOOD_STILL_SECONDS:
                    run.forgive(now - due)
                with self._outliving(f"looking after {run.program.name}"):
                    self._look_after(run, now)
            if now - settled > _TRIES_EVERY_SECONDS:
                self._owed.settle()
                settled = now
            due = now + self._pause(now)
            self._rest(due - time.monotonic())
        self._watched.set()
        # The kernel ends a child when the thread that started it ends (PR_SET_PDEATHSIG), not when the process does:
        # those that were started again here would all be told to stop at once, and then once more by `stop`.
        self._ended.wait()

    def _pause(self, now: float) -> float:
        """The seconds until there may be something to do though nothing happens."""
        pause = min(_TICK, self.hang_seconds / 4)
        if self._keep_logs_small():
            pause = min(pause, _LOG_TICK)
        if self._owed.is_due:
            pause = min(pause, _TRIES_EVERY_SECONDS)
        starts = [run.restart_at - now for run in self._runs if run.restart_at is not None]
        return min([pause, *starts])

    def _keep_logs_small(self) -> bool:
        """Whether any has grown: it may go on to."""
        grown = False
        for run in self._runs:
            log = self._log_of(run.program)
            with self._outliving(f"the log of {run.program.name}"):
                renamed = rotate(log, self.log_bytes, self.log_files)
                size = log.stat().st_size if log.exists() else 0
                grown = grown or renamed or size != run.logged
                run.logged = size
        return grown

    def _rest(self, seconds: float) -> None:
        try:
            self._bell.wait([run.process for run in self._runs], seconds)
        except OSError as error:  # too many open files, such as it is
            self._say(f"waiting: {error.strerror}")
            self._stopping.wait(_TICK)

    def _ask(self, run: Run) -> None:
        while not self._stopping.wait(min(_ASKS_EVERY_SECONDS, self.hang_seconds / 4)):
            process = run.process
            with self._outliving(f"asking {run.program.name}"):
                if run.program.lives is not None and run.program.lives() and run.process is process:
                    run.heard_at = time.monotonic()

    def _look_after(self, run: Run, now: float) -> None:
        if run.restart_at is not None:
            if now >= run.restart_at:
                self._start_again(run, now)
        elif run.process.poll() is not None:
            name = run.program.name
            pause = _pause_after(run, now)
            self._owed.do(f"the mark that {name} ended", lambda: self.on_crash(name))
            self._say(
                f"{name} ended with status {run.process.returncode}, "
                f"starting it again in {pause:.0f} s; see {self._log_of(run.program)}"
            )
        else:
            self._end_if_it_hangs(run, now)

    def _start_again(self, run: Run, now: float) -> None:
        name = run.program.name
        try:
            run.again(self._log_of(run.program), now)
        except OSError as error:
            run.started_at = now
            pause = _pause_after(run, now)
            self._say(f"{name} cannot be started: {error.strerror}; trying again in {pause:.0f} s")
            return
        self._note_pid(run)
        self._say(f"{name} started again")

    def _end_if_it_hangs(self, run: Run, now: float) -> None:
        run.listen(now)
        silent = run.silence(now, self.hang_seconds)
        if silent is not None:
            self._say(f"{run.program.name} has not answered for {silent:.0f} s: killed")
            run.process.kill()
            # What not even a kill ends has its time again.
            run.heard_at = now

    def _end_group(self, group: Sequence[Run]) -> None:
        for run in group:
            if run.process.poll() is None:
                run.process.send_signal(signal.SIGTERM)
                # One that was suspended does not hear it before it goes on.
                run.process.send_signal(signal.SIGCONT)
        told_at = time.monotonic()
        for run in group:
            with contextlib.suppress(OSError):
                self._wait_for_end(run, told_at + run.program.stop_seconds)
                run.close()
                (self.pids / f"{run.program.name}.pid").unlink(missing_ok=True)

    def _wait_for_end(self, run: Run, until: float) -> None:
        while run.process.poll() is None and time.monotonic() < until:
            self._bell.wait([run.process], until - time.monotonic())
        if run.process.poll() is None:
            self._say(f"{run.program.name} did not end in {run.program.stop_seconds:.0f} s: killed")
            run.process.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                run.process.wait(_KILL_SECONDS)


def _pause_after(run: Run, now: float) -> float:
    """The seconds until the program is to be started again, from now on."""
    steady = now - run.started_at > _STEADY_SECONDS
    run.crashes = 1 if steady else run.crashes + 1
    # Bounded before it is raised: a disk may be full for days.
    pause: float = min(_FIRST_PAUSE * 2 ** min(run.crashes - 1, 10), _LONGEST_PAUSE)
    run.restart_at = now + pause
    return pause


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
