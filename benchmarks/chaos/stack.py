"""`samespace up` as a person runs it, in a process of its own, so that all of it can be killed at once."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil

_START_SECONDS = 240.0


class Running:
    """The stack on one data folder, started again as often as it is killed."""

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self.data = folder / "data"
        self.output = folder / "up.log"
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = os.environ | settings
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; not waited for."""
        command = [sys.executable, "-m", "samespace.cli.main", "up"]
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(
                [*command, "--data", str(self.data), "--port", str(self.port)],
                env=self._environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_ready(self) -> None:
        """Until the API says that it is; RuntimeError if it ends or takes too long."""
        deadline = time.monotonic() + _START_SECONDS
        while not _is_ready(self.url):
            if self._process is None or self._process.poll() is not None:
                raise RuntimeError(f"the stack ended while starting; see {self.output}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"the stack is not ready after {_START_SECONDS:.0f} s")
            time.sleep(0.2)

    def part(self, name: str) -> psutil.Process | None:
        """The process of a part, if it runs."""
        try:
            pid = (self.data / "run" / f"{name}.pid").read_text().split()[0]
            process = psutil.Process(int(pid))
            return process if process.is_running() else None
        except (OSError, IndexError, psutil.Error):
            return None

    def processes(self) -> list[psutil.Process]:
        """Every process of it, the supervisor first."""
        if self._process is None:
            return []
        try:
            supervisor = psutil.Process(self._process.pid)
            return [supervisor, *supervisor.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def kill(self) -> None:
        """All of it, at once."""
        for process in self.processes():
            kill(process)
        if self._process is not None:
            self._process.wait()

    def stop(self) -> int:
        """End it cleanly; answers the exit status."""
        if self._process is None:
            return 0
        self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(180)
        except subprocess.TimeoutExpired:
            self.kill()
            return -signal.SIGKILL

    def lock(self) -> dict[str, str]:
        """The addresses the running stack has left for others: `url`, `index`."""
        said: dict[str, str] = json.loads((self.data / "run" / "lock").read_text())
        return said


def kill(process: psutil.Process) -> bool:
    """SIGKILL; False if it was gone."""
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=5).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
