"""`samespace up` as a person runs it: in a process of its own, on a fresh folder."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from samespace.client import Client, Source
from samespace.store.index_milvus import MilvusIndex
from samespace.store.records import open_records
from tests.services import ROOT, free_port, pid_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

MANY = 200
# Of what dies here, a lease has to run out before others take it up.
QUICK = {"SAMESPACE_LEASE_SECONDS": "5", "SAMESPACE_RECONCILE_SECONDS": "1"}


class Up:
    """A running `samespace up`."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.output = data.parent / "up.log"
        self.process = start(data, self.port, self.output)

    def wait_until_ready(self) -> None:
        def is_ready() -> bool:
            assert self.process.poll() is None, self.output.read_text()
            return "ready at" in self.output.read_text()

        wait_for(is_ready)

    def pid(self, name: str) -> int:
        return pid_of(self.data, name)

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


def start(data: Path, port: int, output: Path) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "samespace.cli.main",
        "up",
        "--data",
        str(data),
        "--port",
        str(port),
    ]
    with output.open("wb") as file:
        return subprocess.Popen(
            command, cwd=ROOT, env=os.environ | QUICK, stdout=file, stderr=subprocess.STDOUT
        )


def wait_for(condition: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@contextmanager
def running(data: Path) -> Iterator[Up]:
    up = Up(data)
    try:
        up.wait_until_ready()
        yield up
    finally:
        if up.process.poll() is None:
            up.process.terminate()
            up.process.wait(120)


def add(client: Client, text: str) -> str:
    added = client.add("notes", [Source(text)])
    (job,) = client.wait(*added["job_ids"])
    assert job["state"] == "ready", job
    return str(added["documents"][0]["id"])


def test_a_stack_lives_crashes_comes_back_and_stops(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data) as up, Client(up.url) as client:
        client.create_collection("notes")
        first = add(client, "A heron stands in the river at dawn.")
        refuses_a_second_one(up)
        listens_on_loopback_only(up)
        restarts_what_is_killed(up, client)
        second = add(client, "The lighthouse keeper paints his boat blue.")
        hits = client.search("notes", "a bird by the water")["hits"]
        assert [hit["document"]["id"] for hit in hits] == [first, second]
        wait_for(lambda: not (data / "run" / "unverified").exists())  # the index was killed
        all_of_it_dies_in_mid_ingest(up, client)
    with running(data) as up, Client(up.url) as client:
        wait_for(lambda: ready(client) == 2 + MANY)
        each_item_stands_once(up)
        assert client.search("notes", "lighthouse")["hits"][0]["document"]["id"] == second
        is_verified_by_itself(up)
        ends_cleanly(up)


def refuses_a_second_one(up: Up) -> None:
    output = up.data.parent / "second.log"
    assert start(up.data, free_port(), output).wait(60) == 1
    assert (
        f"runs on {up.data} already: pid {up.process.pid}, {up.url}"
        in output.read_text().replace("\n", "")
    )


def listens_on_loopback_only(up: Up) -> None:
    listening = [
        connection.laddr.ip.removeprefix("::ffff:")
        for process in [psutil.Process(up.process.pid), *up.children()]
        for connection in process.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening
    assert set(listening) == {"127.0.0.1"}


def restarts_what_is_killed(up: Up, client: Client) -> None:
    for name in ("worker", "index", "queue", "api"):
        killed = up.pid(name)
        psutil.Process(killed).kill()
        wait_for(lambda name=name, killed=killed: up.pid(name) != killed)  # type: ignore[misc]
        wait_for(lambda name=name: f"{name} started again" in up.output.read_text())  # type: ignore[misc]
    wait_for(lambda: is_ready(up.url))
    assert client.search("notes", "heron")["hits"]


def is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.HTTPError:
        return False


def ends_cleanly(up: Up) -> None:
    children = up.children()
    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(120) == 0
    assert "everything that was accepted is kept" in up.output.read_text()
    _, left = psutil.wait_procs(children, 10)
    assert left == []


def ready(client: Client) -> int:
    return len(client.documents("notes", state="ready", limit=1000)["documents"])


def all_of_it_dies_in_mid_ingest(up: Up, client: Client) -> None:
    """kill -9 of every process at once: the next start recovers the lock and whatever was accepted."""
    client.add("notes", [Source(f"Note {number}: a heron in the reeds.") for number in range(MANY)])
    wait_for(lambda: ready(client) > 2)
    processes = [psutil.Process(up.process.pid), *up.children()]
    for process in processes:
        process.kill()
    up.process.wait()
    psutil.wait_procs(processes, 10)
    assert json.loads((up.data / "run" / "lock").read_text())["pid"] == up.process.pid


def each_item_stands_once(up: Up) -> None:
    """The index holds exactly the items that the records say."""
    index = MilvusIndex(json.loads((up.data / "run" / "lock").read_text())["index"])
    with closing(open_records(f"sqlite:///{up.data / 'records.db'}")) as records:
        collection = records.collections.find("notes")
        documents = records.documents.page(collection.id, limit=1000)
        recorded = [item.key for doc in documents for item in records.documents.items(doc)]
    (space,) = collection.spaces
    indexed = [row.item.key for rows, _ in index.scan(space.index_name) for row in rows]
    assert sorted(indexed) == sorted(recorded)
    assert len(recorded) == 2 + MANY


def is_verified_by_itself(up: Up) -> None:
    """After a stop that was not clean, in the background, and said in the log."""
    assert "the last stop was not clean" in up.output.read_text()
    wait_for(lambda: not (up.data / "run" / "unverified").exists())
    log = (up.data / "logs" / "worker.log").read_text().splitlines()
    ends = [line for line in log if "verify ended" in line]
    assert ends


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        output = tmp_path / "up.log"
        assert start(tmp_path / "data", port, output).wait(60) == 1
        assert (
            f"port {port} on 127.0.0.1 is taken; choose another with --port" in output.read_text()
        )
