"""Nothing ends who watches over the stack: neither a disk, nor a reader, nor a program that cannot be started.

Children are told to stop once, in order, also those that were started again; what hangs is started again too.
"""

import os
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from samespace.core.errors import Unavailable
from samespace.core.marks import Marks
from samespace.operations.stack import supervisor as supervise
from samespace.operations.stack.program import Program
from samespace.operations.stack.supervisor import Supervisor
from tests.full import filled, no_growth, small_disk

# As every part of the stack: it ends with its parent, which for the kernel is the thread that started it.
_CHILD = """
import signal, sys, time
from pathlib import Path
from samespace.core.processes.child import end_with_parent
told = []
signal.signal(signal.SIGTERM, lambda *_: told.append(time.time()))
end_with_parent(signal.SIGTERM)
Path(sys.argv[1]).write_text("ready")
while not told:
    time.sleep(0.01)
time.sleep(0.5)
Path(sys.argv[1]).write_text(str(len(told)))
"""
# It leaves a file for each time it was started, which takes no room on the disk.
_PLAIN = """
import os, sys, time
from pathlib import Path
Path(sys.argv[1], str(os.getpid())).touch()
while True:
    if "pulse" in sys.argv:
        os.write(0, b".")
    time.sleep(0.02)
"""


@dataclass
class House:
    """A supervisor of one child; `started` holds the pids of its runs."""

    folder: Path
    starts: Path
    said: list[str] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for path in (self.logs, self.run, self.starts):
            path.mkdir(exist_ok=True)
        given: dict[str, Any] = {"report": self.said.append, **self.options}
        self.supervisor = Supervisor(self.logs, self.run, **given)

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def run(self) -> Path:
        return self.folder / "run"

    def program(self, *arguments: str, **more: Any) -> Program:
        command = [sys.executable, "-c", _PLAIN, str(self.starts), *arguments]
        return Program("child", command, os.environ, self.has_started, **more)

    def has_started(self) -> bool:
        return any(self.starts.iterdir())

    def pids(self) -> set[int]:
        return {int(file.name) for file in self.starts.iterdir()}

    def wait_for_another(self, known: set[int]) -> int:
        """The newest one: on a busy machine it may have come and gone more often than it was looked for."""
        until(lambda: bool(self.pids() - known), self.said)
        new = self.pids() - known
        return max(new, key=lambda pid: (self.starts / str(pid)).stat().st_mtime_ns)


def until(condition: Callable[[], object], said: object = "", seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, said
        time.sleep(0.02)


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "_FIRST_PAUSE", 0.05)
    monkeypatch.setattr(supervise, "_LONGEST_PAUSE", 0.2)
    monkeypatch.setattr(supervise, "_TRIES_EVERY_SECONDS", 0.1)


@contextmanager
def watched(house: House, *arguments: str, **more: Any) -> Iterator[int]:
    """The pid of the child, while the supervisor watches over it; it is stopped at the end, and that in its time."""
    house.supervisor.start([house.program(*arguments, **more)])
    house.supervisor.watch_in_background()
    try:
        yield house.wait_for_another(set())
    finally:
        began = time.monotonic()
        house.supervisor.stop()
        assert time.monotonic() - began < 10
        assert not any(psutil.pid_exists(pid) for pid in house.pids())


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def test_a_child_that_was_started_again_is_told_to_stop_once(tmp_path: Path) -> None:
    said: list[str] = []
    supervisor = Supervisor(tmp_path, tmp_path, said.append, log_bytes=1 << 20, log_files=1)
    told = tmp_path / "told"
    command = [sys.executable, "-c", _CHILD, str(told)]
    supervisor.start([Program("child", command, os.environ, told.exists)])
    supervisor.watch_in_background()
    told.unlink()
    psutil.Process(int((tmp_path / "child.pid").read_text().split()[0])).kill()
    deadline = time.monotonic() + 30
    while not told.exists():
        assert time.monotonic() < deadline, said
        time.sleep(0.05)
    assert supervisor.stop()
    assert told.read_text() == "1"


@pytest.mark.parametrize("kind", ["a disk of its own", "a limit of the process"])
def test_a_full_disk_ends_no_supervision_and_what_it_refused_is_written_later(
    tmp_path: Path, kind: str
) -> None:
    if kind == "a limit of the process":
        does_without_room(tmp_path, no_growth())
    else:
        with small_disk(tmp_path / "disk") as disk:
            does_without_room(disk, filled(disk), starts=tmp_path / "starts")


def does_without_room(
    folder: Path, no_room: AbstractContextManager[None], starts: Path | None = None
) -> None:
    """The child that dies in between is there again, thrice; afterwards its pid and the mark are written."""
    marks = Marks(folder)
    house = House(
        folder, starts or folder / "starts", options={"on_crash": lambda _: marks.owe_verify()}
    )
    with watched(house) as pid:
        stamp = (house.run / "child.pid").read_text()
        with no_room:
            runs = [pid]
            for _ in range(3):
                kill(runs[-1])
                runs.append(house.wait_for_another(set(runs)))
            assert (house.run / "child.pid").read_text() == stamp
            assert marks.owed() in {None, ""}
        until(lambda: (house.run / "child.pid").read_text().startswith(f"{runs[-1]} "), house.said)
        until(lambda: bool(marks.owed()), house.said)
    untold = [line for line in house.said if "it is tried again until it can be done" in line]
    told_of = Counter(line.split(":")[0] for line in untold)
    # The pid of each run once, not ten times a second.
    assert told_of.keys() == {"the mark that child ended", "the pid file of child"}
    assert told_of["the mark that child ended"] == 1
    assert 1 <= told_of["the pid file of child"] <= 3
    assert len([line for line in house.said if line == "child started again"]) == 3


def test_what_could_not_be_written_at_the_end_is_no_clean_stop(tmp_path: Path) -> None:
    marks = Marks(tmp_path)
    house = House(tmp_path, tmp_path / "starts", options={"on_crash": lambda _: marks.owe_verify()})
    house.supervisor.start([house.program()])
    house.supervisor.watch_in_background()
    with no_growth():
        first = house.wait_for_another(set())
        kill(first)
        house.wait_for_another({first})
        # The next start has to verify: it would not, were this a clean stop.
        assert not house.supervisor.stop()


@pytest.mark.parametrize("kind", [BrokenPipeError, SystemExit, ValueError])
def test_a_report_that_fails_ends_nothing(tmp_path: Path, kind: type[BaseException]) -> None:
    tried: list[str] = []

    def report(text: str) -> None:
        tried.append(text)
        raise kind

    house = House(tmp_path, tmp_path / "starts", options={"report": report})
    with watched(house) as pid:
        kill(pid)
        second = house.wait_for_another({pid})
        kill(second)
        house.wait_for_another({pid, second})
    assert tried.count("child started again") == 2


def test_a_mark_that_fails_ends_nothing_and_is_made_later(tmp_path: Path) -> None:
    fails, made = [OSError("no"), ValueError("never"), KeyError("nor now")], []

    def mark(name: str) -> None:
        if fails:
            raise fails.pop()
        made.append(name)

    house = House(tmp_path, tmp_path / "starts", options={"on_crash": mark})
    with watched(house) as pid:
        kill(pid)
        house.wait_for_another({pid})
        until(lambda: made == ["child"], house.said)


def test_a_log_that_cannot_be_renamed_ends_nothing_and_is_told_once(tmp_path: Path) -> None:
    house = House(tmp_path, tmp_path / "starts", options={"log_bytes": 10, "log_files": 1})
    (house.logs / "child.log.1").mkdir()
    (house.logs / "child.log.1" / "in the way").touch()
    (house.logs / "child.log").write_text("more than ten bytes")
    with watched(house) as pid:
        until(lambda: any("the log of child" in line for line in house.said))
        kill(pid)
        house.wait_for_another({pid})
        shutil.rmtree(house.logs / "child.log.1")
        until((house.logs / "child.log.1").is_file)
    assert len([line for line in house.said if "the log of child" in line]) == 1


def test_a_log_that_cannot_be_opened_keeps_no_program_from_starting(tmp_path: Path) -> None:
    house = House(tmp_path, tmp_path / "starts")
    (house.logs / "child.log").mkdir()
    with watched(house) as pid:
        kill(pid)
        house.wait_for_another({pid})


def test_a_program_that_cannot_be_started_is_tried_until_it_can(tmp_path: Path) -> None:
    house = House(tmp_path, tmp_path / "starts")
    program = tmp_path / "python"
    program.symlink_to(sys.executable)
    child = house.program()
    command = [str(program), *child.command[1:]]
    house.supervisor.start([Program("child", command, os.environ, house.has_started)])
    house.supervisor.watch_in_background()
    first = house.wait_for_another(set())
    program.unlink()
    kill(first)
    until(lambda: len([line for line in house.said if "cannot be started" in line]) > 2)
    program.symlink_to(sys.executable)
    house.wait_for_another({first})
    assert house.supervisor.stop()
    assert "child cannot be started: No such file or directory; trying again in 0 s" in house.said


def test_a_program_that_cannot_be_started_at_all_is_named(tmp_path: Path) -> None:
    house = House(tmp_path, tmp_path / "starts")
    program = Program("child", [str(tmp_path / "nobody")], os.environ, lambda: True)
    with pytest.raises(Unavailable, match="child cannot be started: No such file or directory"):
        house.supervisor.start([program])


@pytest.mark.alone
@pytest.mark.slow
@pytest.mark.parametrize("sign", ["a pulse", "an answer"])
def test_what_hangs_is_killed_and_started_again(tmp_path: Path, sign: str) -> None:
    marked: list[str] = []
    options = {"hang_seconds": 2.0, "on_crash": marked.append}
    house = House(tmp_path, tmp_path / "starts", options=options)

    def lives() -> bool:
        newest = max(house.starts.iterdir(), key=lambda file: file.stat().st_mtime_ns)
        return psutil.Process(int(newest.name)).status() != psutil.STATUS_STOPPED

    given: dict[str, Any] = {"pulses": True} if sign == "a pulse" else {"lives": lives}
    given["start_seconds"] = 10.0  # so long it may be silent before its first sign
    with watched(house, *(["pulse"] if sign == "a pulse" else []), **given) as pid:
        time.sleep(3)  # longer than a silence may last
        assert house.pids() == {pid}, house.said
        os.kill(pid, signal.SIGSTOP)
        second = house.wait_for_another({pid})
        assert not psutil.pid_exists(pid)
        os.kill(second, signal.SIGSTOP)
        house.wait_for_another({pid, second})
    hung = [line for line in house.said if "has not answered for" in line]
    assert len(hung) == 2
    assert marked == ["child", "child"]
    assert "child ended with status -9, starting it again in 0 s; see " in " ".join(house.said)


def test_what_hangs_does_not_hold_up_the_stop(tmp_path: Path) -> None:
    house = House(tmp_path, tmp_path / "starts")
    with watched(house) as pid:
        os.kill(pid, signal.SIGSTOP)
    assert house.said == []  # it was not killed: it was told, and went on to hear it


@pytest.mark.alone
def test_an_asker_that_fails_is_no_answer_and_ends_nothing(tmp_path: Path) -> None:
    house = House(tmp_path, tmp_path / "starts", options={"hang_seconds": 0.4})

    def lives() -> bool:
        raise ValueError("no such thing")

    with watched(house, lives=lives) as pid:
        house.wait_for_another({pid})
    assert "asking child: no such thing" in house.said


@pytest.mark.alone
def test_what_has_not_answered_yet_has_its_time_to_start(tmp_path: Path) -> None:
    house = House(tmp_path, tmp_path / "starts", options={"hang_seconds": 0.3})
    with watched(house, pulses=True, start_seconds=1.5) as pid:  # it never pulses
        (run,) = house.supervisor._runs
        began = run.started_at
        house.wait_for_another({pid})
        assert time.monotonic() - began > 1.5


def test_time_in_which_nobody_listened_is_no_silence(tmp_path: Path) -> None:
    house = House(tmp_path, tmp_path / "starts")
    house.supervisor.start([house.program("pulse", pulses=True)])
    (run,) = house.supervisor._runs

    def is_heard() -> bool:
        run.listen(100.0)
        return run.heard_at is not None

    until(is_heard)
    assert run.silence(110.0, 5) == 10
    run.forgive(7)
    assert run.silence(110.0, 5) is None
    assert run.silence(112.5, 5) == 5.5
    house.supervisor.stop()


def test_days_of_crashes_make_no_pause_too_long_to_be_counted(tmp_path: Path) -> None:
    house = House(tmp_path, tmp_path / "starts")
    house.supervisor.start([house.program()])
    (run,) = house.supervisor._runs
    run.crashes = 5000
    assert supervise._pause_after(run, run.started_at) == supervise._LONGEST_PAUSE
    house.supervisor.stop()


@pytest.mark.alone
def test_what_answered_first_does_not_hang_while_the_others_start(tmp_path: Path) -> None:
    house = House(tmp_path, tmp_path / "starts", options={"hang_seconds": 2.0})
    house.supervisor.start([house.program(lives=lambda: True, start_seconds=2.0)])
    first = house.wait_for_another(set())
    time.sleep(2.5)  # as if others took so long
    house.supervisor.watch_in_background()
    time.sleep(0.5)
    assert house.pids() == {first}, house.said
    assert house.supervisor.stop()
