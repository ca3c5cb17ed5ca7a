"""Doing harm to a running stack."""

import os
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil
import redis

from benchmarks.chaos.recovery import Recovery
from benchmarks.chaos.schedule import Fault, Harm
from benchmarks.chaos.stack import Running, kill

_PARTS = {Harm.API: ["api"], Harm.INDEX: ["index"], Harm.QUEUE: ["queue"]}
_HITS = {
    Harm.API: ("upload", "search"),
    Harm.WORKER: ("ingest",),
    Harm.INDEX: ("search", "ingest"),
    Harm.QUEUE: ("ingest",),
    Harm.PARSER: ("ingest",),
    Harm.WIPE: ("ingest",),
    Harm.STOP_WORKER: ("ingest",),
    Harm.STOP_INDEX: ("search", "ingest"),
    Harm.EVERYTHING: ("upload", "search", "ingest"),
}
_INDEX_STOP_SECONDS = 8.0


class Faults:
    """Carries out faults; a stopped process goes on by itself, `go_on` has all of them do so."""

    def __init__(self, stack: Running, lease: float, workers: int, recovery: Recovery) -> None:
        self._stack = stack
        self._lease = lease
        self._workers = ["worker", *(f"worker-{number}" for number in range(2, workers + 1))]
        self._recovery = recovery
        self._stopped: list[psutil.Process] = []

    def commit(self, fault: Fault) -> bool:
        """Do it; False if there was nothing to harm at this moment. A killed stack is waited for."""
        at = time.monotonic()
        if not self._commit(fault):
            return False
        self._recovery.hit(fault.harm, at, _HITS[fault.harm])
        if fault.harm is Harm.EVERYTHING:
            self._stack.start()
            self._stack.wait_until_ready()
        return True

    def go_on(self) -> None:
        """Let every stopped process run."""
        for process in self._stopped:
            _signal(process, signal.SIGCONT)

    def _commit(self, fault: Fault) -> bool:
        match fault.harm:
            case Harm.EVERYTHING:
                self._stack.kill()
                return True
            case Harm.WIPE:
                return self._wipe()
            case Harm.STOP_WORKER:
                return self._stop(fault, self._lease * (1.2 + fault.share))
            case Harm.STOP_INDEX:
                return self._stop(fault, _INDEX_STOP_SECONDS * (0.5 + fault.share))
            case Harm.PARSER:
                return self._kill_parser(fault)
        target = self._target(fault)
        return target is not None and kill(target)

    def _target(self, fault: Fault) -> psutil.Process | None:
        if fault.harm is Harm.STOP_INDEX:
            return self._stack.part("index")
        names = _PARTS.get(fault.harm, self._workers)
        return self._stack.part(names[int(fault.pick * len(names))])

    def _kill_parser(self, fault: Fault) -> bool:
        """One of the child processes in which some worker or the API opens files."""
        owners = [self._stack.part(name) for name in (*self._workers, "api")]
        children = [child for owner in owners if owner for child in _children(owner)]
        return bool(children) and kill(children[int(fault.pick * len(children))])

    def _stop(self, fault: Fault, seconds: float) -> bool:
        target = self._target(fault)
        if target is None or not _signal(target, signal.SIGSTOP):
            return False
        self._stopped.append(target)
        timer = threading.Timer(seconds, _signal, [target, signal.SIGCONT])
        timer.daemon = True
        timer.start()
        return True

    def _wipe(self) -> bool:
        path = self._socket()
        if path is None:
            return False
        try:
            with redis.Redis.from_url(f"unix://{path}", socket_timeout=5) as client:
                client.flushall()
        except redis.RedisError:
            return False
        return True

    def _socket(self) -> Path | None:
        queue = self._stack.part("queue")
        with suppress(psutil.Error, ValueError):
            words = queue.cmdline() if queue else []
            # Once it runs, Valkey shows its own title: `... unixsocket:/path`.
            for word, following in zip(words, [*words[1:], ""], strict=True):
                if word == "--unixsocket":
                    return Path(following)
                if word.startswith("unixsocket:"):
                    return Path(word.partition(":")[2])
        path = self._stack.data / "run" / "valkey.sock"
        return path if path.exists() else None


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children()
    except psutil.NoSuchProcess:
        return []


def _signal(process: psutil.Process, number: signal.Signals) -> bool:
    """Send a signal to a process that still is the one we know; False if it is gone."""
    if not process.is_running():
        return False
    try:
        os.kill(process.pid, number)
    except ProcessLookupError:
        return False
    return True
