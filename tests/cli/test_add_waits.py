"""`samespace add` against a server that is busy at first."""

from samespace.cli.commands.add import send
from samespace.client import Client, Source
from samespace.core.progress import Progress
from tests.client.test_clients import Script, as_json, script

__all__ = ["script"]


def test_it_waits_goes_on_and_says_so(script: Script) -> None:
    busy = as_json({"code": "busy", "detail": "queue is full"}, 429, **{"Retry-After": "0"})
    taken = as_json({"job_id": "j", "documents": [{"name": "note", "id": "d"}]}, 202)
    script.replies = [busy, taken]
    shown: list[Progress] = []
    with Client(script.url, patience=0) as client:
        added = send(client, "c", [Source("A text.", name="note")], {}, shown.append)
    assert added["documents"] == [{"name": "note", "id": "d"}]
    waiting = "sent, waiting for room:"
    assert shown == [Progress(0, 1, waiting), Progress(1, 1, "sent")]
