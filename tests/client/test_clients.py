"""Both clients against a server whose answers are written down, for what a real one does rarely."""

import asyncio
import inspect
import json
import threading
import traceback
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from samespace.client import AsyncClient, Client, Source
from samespace.client.http import server_of
from samespace.client.views import Job
from samespace.core.errors import Busy, NotFound, TooLarge, Unavailable
from samespace.core.settings import Settings
from tests.services import free_port

Reply = tuple[int, dict[str, str], str]
Ask = Callable[..., Any]


class Script(ThreadingHTTPServer):
    """Answers its replies one after another, the last one for ever."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies: list[Reply] = []
        self.asked: list[tuple[str, dict[str, str]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def do_GET(self) -> None:
        assert isinstance(self.server, Script)
        self.server.asked.append((self.path, dict(self.headers)))
        replies = self.server.replies
        status, headers, body = replies.pop(0) if len(replies) > 1 else replies[0]
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body.encode())), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def script() -> Iterator[Script]:
    with Script() as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(params=["sync", "async"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """Runs one verb of a new client of either kind: `ask(verb, arguments, **of the client)`."""

    def sync(verb: str, *arguments: Any, url: str | None = None, **options: Any) -> Any:
        with Client(url, **options) as client:
            return getattr(client, verb)(*arguments)

    async def awaited(verb: str, *arguments: Any, url: str | None = None, **options: Any) -> Any:
        async with AsyncClient(url, **options) as client:
            return await getattr(client, verb)(*arguments)

    if request.param == "sync":
        return sync
    return lambda *given, **options: asyncio.run(awaited(*given, **options))


def as_json(value: object, status: int = 200, **headers: str) -> Reply:
    return status, {"Content-Type": "application/json", **headers}, json.dumps(value)


def job(state: str, done: int) -> Job:
    return {
        "id": "j",
        "kind": "ingest",
        "paused": False,
        "collection": "c",
        "state": state,
        "documents": None,
        "done": done,
        "total": 2,
        "items_done": done,
        "items_per_second": None,
        "seconds_left": None,
        "reason": None,
        "stage": None,
        "result": None,
        "failed": [],
        "warned": [],
        "warned_total": 0,
        "created_at": "",
        "finished_at": None,
    }


def test_the_key_travels_as_a_bearer_token(script: Script, ask: Ask) -> None:
    script.replies = [as_json({"collections": []})]
    assert ask("collections", url=script.url, key="secret") == []
    assert script.asked[0][1]["Authorization"] == "Bearer secret"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("SAMESPACE_URL", "SAMESPACE_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_without_an_address_it_is_the_server_of_the_environment(
    script: Script, ask: Ask, environment: pytest.MonkeyPatch
) -> None:
    script.replies = [as_json({"collections": []})]
    environment.setenv("SAMESPACE_URL", script.url)
    assert ask("collections") == []
    assert "Authorization" not in script.asked[0][1]

    environment.setenv("SAMESPACE_API_KEY", "of-the-environment")
    assert ask("collections") == []
    assert script.asked[1][1]["Authorization"] == "Bearer of-the-environment"

    assert ask("collections", key="given") == []
    assert script.asked[2][1]["Authorization"] == "Bearer given"


def test_a_server_that_is_named_does_not_get_the_key_of_another(
    script: Script, ask: Ask, environment: pytest.MonkeyPatch
) -> None:
    script.replies = [as_json({"collections": []})]
    environment.setenv("SAMESPACE_URL", "http://127.0.0.1:1")
    environment.setenv("SAMESPACE_API_KEY", "of-the-environment")
    assert ask("collections", url=script.url) == []
    assert "Authorization" not in script.asked[0][1]


def test_a_setting_of_the_server_does_not_concern_the_client(
    script: Script, ask: Ask, environment: pytest.MonkeyPatch
) -> None:
    script.replies = [as_json({"collections": []})]
    environment.setenv("SAMESPACE_URL", script.url)
    environment.setenv("SAMESPACE_PORT", "not a number")
    environment.setenv("SAMESPACE_CANDIDATE", "50")
    assert ask("collections") == []


def test_without_any_word_it_is_the_usual_address(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SAMESPACE_URL", "")
    assert server_of(None, None) == ("http://127.0.0.1:7373", None)
    assert Settings.model_fields["url"].default == "http://127.0.0.1:7373"


def test_what_does_not_answer_is_told_in_few_lines(
    ask: Ask, environment: pytest.MonkeyPatch
) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    environment.setenv("SAMESPACE_URL", url)
    with pytest.raises(Unavailable) as error:
        ask("collections")
    assert str(error.value) == f"nothing answers at {url}; start it with `samespace up`"
    shown = "".join(traceback.format_exception(error.value))
    assert "httpx" not in shown
    assert len(shown.splitlines()) < 40


def test_a_busy_server_is_asked_again(script: Script, ask: Ask) -> None:
    busy = as_json({"code": "busy", "detail": "queue is full"}, 429, **{"Retry-After": "0"})
    script.replies = [busy, busy, as_json({"collections": []})]
    assert ask("collections", url=script.url) == []
    assert len(script.asked) == 3


def test_but_not_for_ever(script: Script, ask: Ask) -> None:
    script.replies = [as_json({"code": "busy", "detail": "full"}, 429, **{"Retry-After": "30"})]
    with pytest.raises(Busy, match="full"):
        ask("collections", url=script.url, patience=5)
    assert len(script.asked) == 1


def test_an_upload_waits_for_room_longer_than_a_question(script: Script, ask: Ask) -> None:
    busy = as_json({"code": "busy", "detail": "queue is full"}, 429, **{"Retry-After": "0"})
    taken = as_json({"job_id": "j", "documents": [{"name": "note", "id": "d"}]}, 202)
    script.replies = [busy, busy, taken]
    added = ask("add", "c", [Source("A text.", name="note")], url=script.url, patience=0)
    assert added["job_ids"] == ["j"]
    assert len(script.asked) == 3

    script.replies = [busy]
    with pytest.raises(Busy, match="full"):
        ask("add", "c", [Source("A text.")], url=script.url, upload_patience=0)


def test_who_uploads_hears_of_the_waiting(script: Script) -> None:
    busy = as_json({"code": "busy", "detail": "queue is full"}, 429, **{"Retry-After": "0.2"})
    taken = as_json({"job_id": "j", "documents": [{"name": "note", "id": "d"}]}, 202)
    script.replies = [busy, taken]
    heard: list[float] = []
    with Client(script.url) as client:
        list(client.add_in_batches("c", [Source("A text.")], on_wait=heard.append))
    assert heard == [0.2]


def test_waiting_survives_a_stream_that_breaks_off(script: Script, ask: Ask) -> None:
    stream = {"Content-Type": "text/event-stream"}
    half = f"event: progress\ndata: {json.dumps(job('processing', 1))}\n\n"
    script.replies = [
        as_json(job("queued", 0)),
        (200, stream, half),
        as_json(job("processing", 1)),
        (200, stream, f"event: done\ndata: {json.dumps(job('ready', 2))}\n\n"),
        as_json(job("ready", 2)),
    ]
    assert [each["done"] for each in ask("wait", "j", url=script.url)] == [2]
    assert [path for path, _ in script.asked].count("/v1/jobs/j/events") == 2


def test_a_stream_that_is_refused_is_an_error(script: Script, ask: Ask) -> None:
    script.replies = [
        as_json(job("queued", 0)),
        as_json({"code": "not_found", "detail": "there is no job 'j'"}, 404),
    ]
    with pytest.raises(NotFound, match="there is no job 'j'"):
        ask("wait", "j", url=script.url)


def test_nothing_there_says_how_to_start_it(ask: Ask) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(
        Unavailable, match=f"nothing answers at {url}; start it with `samespace up`"
    ):
        ask("status", url=url)


def test_a_server_that_is_silent_is_not_waited_for_for_ever(ask: Ask) -> None:
    with Script() as silent, pytest.raises(Unavailable, match="did not answer in time"):
        ask("status", url=silent.url, timeout=0.2)


@pytest.mark.parametrize("url", ["ftp://there", "nonsense"])
def test_a_url_that_is_none(ask: Ask, url: str) -> None:
    with pytest.raises(Unavailable, match=url):
        ask("status", url=url)


def test_both_clients_have_the_same_verbs_with_the_same_arguments() -> None:
    def verbs(kind: type) -> dict[str, list[str]]:
        public = {name: each for name, each in vars(kind).items() if not name.startswith("_")}
        return {name: list(inspect.signature(each).parameters) for name, each in public.items()}

    assert verbs(Client) == verbs(AsyncClient)
    assert verbs(Client)["similar"][:3] == ["self", "collection", "item"]


def test_a_server_that_takes_fewer_gets_fewer(script: Script, ask: Ask) -> None:
    too_many = json.dumps({"code": "too_large", "detail": "the request has 100 documents"})
    problem: Reply = (413, {"Content-Type": "application/problem+json"}, too_many)
    taken = [{"job_id": job, "documents": [{"name": job, "id": job}]} for job in ("j1", "j2")]
    told = [(202, {"Content-Type": "application/json"}, json.dumps(each)) for each in taken]
    script.replies = [problem, *told]
    added = ask("add", "c", [Source(f"text {number}") for number in range(100)], url=script.url)
    assert added["job_ids"] == ["j1", "j2"]
    assert len(script.asked) == 3

    script.replies = [problem]
    with pytest.raises(TooLarge, match="has 100 documents"):
        ask("add", "c", [Source("one"), Source("two")], url=script.url)
    assert len(script.asked) == 4
