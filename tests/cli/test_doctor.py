"""What `doctor` says of an API that is there, half there, or hangs."""

import json
import socket
from collections.abc import Iterator

import pytest

from samespace.core.settings import Settings
from samespace.operations import checks
from samespace.operations.checks import Check, Finding, check_server
from tests.client.test_clients import Script, script
from tests.services import free_port

__all__ = ["script"]

NO_WORKER = "none was heard of for 30 s; what is added is kept and waits for one"


def said(script: Script, **checks: str) -> Check:
    body = json.dumps({"status": "of no interest", "checks": {"records": "ok", **checks}})
    script.replies = [(200, {"Content-Type": "application/json"}, body)]
    return check_server(Settings(url=script.url))


def test_all_is_well(script: Script) -> None:
    assert said(script, workers="ok") == Check("api", script.url, Finding.OK, "ready")


def test_no_worker_lives(script: Script) -> None:
    found = said(script, workers=NO_WORKER, space="ok")
    assert found == Check("api", script.url, Finding.MISSING, f"workers: {NO_WORKER}")


def test_nobody_is_there() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    assert check_server(Settings(url=url)) == Check(
        "api", url, Finding.ABSENT, "start it: samespace up"
    )


@pytest.fixture
def hanging() -> Iterator[str]:
    """It takes connections, as the kernel does for a process that stands still."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def test_it_hangs(hanging: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_READY_SECONDS", 1.0)
    found = check_server(Settings(url=hanging))
    assert found.finding is Finding.MISSING
    assert found.detail == "takes connections and does not answer for 1 s: see its log"
