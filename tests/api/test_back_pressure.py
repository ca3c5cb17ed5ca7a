"""What is past a bound is refused at once, before its body is read; what was let in goes on undisturbed."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text, update

from samespace.encoders.load import Encoders
from samespace.store.records.tables import collections
from samespace.store.sql import writing
from tests.api.world import HOME, World, assert_problem, open_world

FORM = {"content-type": "multipart/form-data; boundary=b"}
JSON = {"content-type": "application/json"}
HEAD = b'--b\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
TAIL = b"\r\n--b--\r\n"

Open = Callable[..., World]


@pytest.fixture
def world(tmp_path: Path, redis_url: str, encoders: Encoders) -> Iterator[Open]:
    """An application with the limits it is called with."""
    opened = []

    def start(**limits: Any) -> World:
        opened.append(open_world(tmp_path, redis_url, encoders, **limits))
        return opened[-1].__enter__()

    yield start
    for each in opened:
        each.__exit__(None, None, None)


@asynccontextmanager
async def asking(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A client that can send several requests at once, and some of them slowly."""
    transport = httpx.ASGITransport(app=world.client.app)
    async with httpx.AsyncClient(transport=transport, base_url=HOME) as client:
        yield client


@asynccontextmanager
async def sending(
    client: httpx.AsyncClient, path: str, head: bytes, tail: bytes, headers: dict[str, str]
) -> AsyncIterator[asyncio.Task[httpx.Response]]:
    """A request that is half sent while the block runs; its response is there afterwards."""
    began, end = asyncio.Event(), asyncio.Event()

    async def body() -> AsyncIterator[bytes]:
        yield head
        began.set()
        await end.wait()
        yield tail

    task = asyncio.create_task(client.post(path, content=body(), headers=headers))
    await asyncio.wait_for(began.wait(), 10)
    try:
        yield task
    finally:
        end.set()
        await asyncio.wait([task])


def test_one_upload_too_many_is_refused_and_the_others_go_on(world: Open) -> None:
    api = world(max_uploads=2, client_share=1.0)
    path = f"/v1/collections/{api.collection()}/documents"

    async def upload() -> None:
        async with (
            asking(api) as client,
            sending(client, path, HEAD + b"One.", TAIL, FORM) as one,
            sending(client, path, HEAD + b"Two.", TAIL, FORM) as two,
        ):
            refused = await client.post(path, json={"text": "Three."})
            assert "limit is 2" in assert_problem(refused, 429, "busy")["detail"]
            assert refused.headers["retry-after"] == "1"
            assert (await client.get("/v1/collections")).status_code == 200
        assert [one.result().status_code, two.result().status_code] == [202, 202]

    asyncio.run(upload())
    assert api.client.post(path, json={"text": "Three."}).status_code == 202


@pytest.mark.parametrize(
    ("limit", "content_type"),
    [("max_uploads_bytes", FORM), ("max_bodies_bytes", JSON)],
    ids=["forms", "bodies"],
)
def test_bytes_on_their_way_are_bounded(
    world: Open, limit: str, content_type: dict[str, str]
) -> None:
    api = world(**{limit: 5000})
    path = f"/v1/collections/{api.collection()}/documents"
    large = {**content_type, "content-length": "4000"}

    async def upload() -> None:
        async with (
            asking(api) as client,
            sending(client, path, b" " * 3000, b" " * 1000, large) as first,
        ):
            refused = await client.post(path, content=b" " * 2000, headers=content_type)
            assert "limit is 5000" in assert_problem(refused, 429, "busy")["detail"]
            assert refused.headers["connection"] == "close"
        assert first.result().status_code == 422

    asyncio.run(upload())


def test_one_alone_is_let_in_whatever_its_size(world: Open) -> None:
    api = world(max_bodies_bytes=10)
    api.add(api.collection(), "More than ten bytes.")


def test_searches_at_once_are_bounded(world: Open) -> None:
    api = world(max_searches=1)
    path = f"/v1/collections/{api.collection()}/search"

    async def search() -> None:
        async with (
            asking(api) as client,
            sending(client, path, b'{"query": "a', b' cat"}', JSON) as first,
        ):
            assert_problem(await client.post(path, json={"query": "a dog"}), 429, "busy")
        assert first.result().status_code == 200

    asyncio.run(search())


def test_streams_of_events_are_bounded(world: Open) -> None:
    api = world(max_streams=1)
    job = api.add(api.collection(), "Nobody ingests this.")["job_id"]

    async def follow() -> None:
        async with asking(api) as client:
            first = asyncio.create_task(client.get(f"/v1/jobs/{job}/events"))
            await asyncio.sleep(0.2)
            assert_problem(await client.get(f"/v1/jobs/{job}/events"), 429, "busy")
            api.ingest()
            assert (await first).status_code == 200

    asyncio.run(follow())


def test_a_client_that_falls_silent_loses_its_place(world: Open) -> None:
    api = world(max_uploads=1, body_seconds=0.2)
    path = f"/v1/collections/{api.collection()}/documents"

    async def upload() -> None:
        async with asking(api) as client, sending(client, path, HEAD, TAIL, FORM) as silent:
            await asyncio.sleep(0.5)
        problem = assert_problem(silent.result(), 422, "invalid_request")
        assert "0.2 seconds" in problem["detail"]

    asyncio.run(upload())
    assert api.client.post(path, json={"text": "Next."}).status_code == 202


@pytest.mark.parametrize(
    ("limits", "share"), [({"max_uploads": 4}, 3), ({"max_uploads": 4, "client_share": 0.5}, 2)]
)
def test_one_client_cannot_take_every_place(world: Open, limits: Any, share: int) -> None:
    api = world(api_key="a" * 40, **limits)
    key = {"authorization": "Bearer " + "a" * 40}
    api.client.headers.update(key)
    made = api.client.post("/v1/keys", json={"name": "b", "scopes": ["write"]}).json()["key"]
    path = f"/v1/collections/{api.collection()}/documents"

    async def upload() -> None:
        async with asking(api) as client, AsyncExitStack() as slow:
            client.headers.update(key)
            for number in range(share):
                head = HEAD + f"Slow {number}.".encode()
                await slow.enter_async_context(sending(client, path, head, TAIL, FORM))
            refused = await client.post(path, json={"text": "One too many."})
            detail = assert_problem(refused, 429, "busy")["detail"]
            assert detail == f"uploads at once of one client: {share} now, the limit is {share}"
            other = {"authorization": f"Bearer {made}"}
            taken = await client.post(path, json={"text": "Of another."}, headers=other)
            assert taken.status_code == 202

    asyncio.run(upload())
    assert api.client.post(path, json={"text": "There is room again."}).status_code == 202


def test_a_client_that_drips_loses_its_place(world: Open) -> None:
    api = world(max_uploads=1, body_seconds=0.5, body_rate=1000)
    path = f"/v1/collections/{api.collection()}/documents"

    async def drip() -> AsyncIterator[bytes]:
        yield HEAD
        while True:
            await asyncio.sleep(0.05)
            yield b"x"

    async def upload() -> httpx.Response:
        async with asking(api) as client:
            return await asyncio.wait_for(client.post(path, content=drip(), headers=FORM), 20)

    detail = assert_problem(asyncio.run(upload()), 422, "invalid_request")["detail"]
    assert detail.startswith("the body comes too slowly: ")
    assert "at least 1000 a second are needed after 0.5 seconds (SAMESPACE_BODY_RATE)" in detail
    assert api.client.post(path, json={"text": "Next."}).status_code == 202


def test_a_full_queue_takes_in_nothing(world: Open) -> None:
    api = world(max_queue=4)
    name, other, third = api.collection(), api.collection(), api.collection()
    path = f"/v1/collections/{name}/documents"
    api.add(name, "One.", "Two.")
    refused = api.client.post(path, json={"text": "Three."})
    assert name in assert_problem(refused, 429, "busy")["detail"]
    assert 1 <= int(refused.headers["retry-after"]) <= 300
    assert len(api.client.get("/v1/jobs").json()["jobs"]) == 1

    api.add(other, "One collection does not fill the queue.", "Two do.")
    problem = api.client.post(f"/v1/collections/{third}/documents", json={"text": "Full."})
    assert "limit is 4" in assert_problem(problem, 429, "busy")["detail"]

    api.ingest()
    time.sleep(0.6)  # what was seen of the queue is remembered
    api.add(name, "Three.")


def test_a_paused_collection_does_not_fill_the_queue_of_others(world: Open) -> None:
    api = world(max_queue=2, queue_share=1.0)
    paused, other = api.collection(), api.collection()
    api.add(paused, "One.", "Two.")
    pause(api, paused)
    time.sleep(0.6)
    api.add(other, "Goes on.")
    response = api.client.post(f"/v1/collections/{paused}/documents", json={"text": "Three."})
    assert_problem(response, 429, "busy")


def pause(api: World, name: str) -> None:
    """What pausing a collection comes to."""
    with writing(api.services.records.engine) as connection:
        connection.execute(
            update(collections).where(collections.c.name == name).values(paused=True)
        )


def test_uploads_at_once_do_not_all_see_the_same_room(world: Open) -> None:
    api = world(max_queue=3, queue_share=1.0)
    path = f"/v1/collections/{api.collection()}/documents"
    with ThreadPoolExecutor(12) as pool:
        answers = list(
            pool.map(lambda n: api.client.post(path, json={"text": f"Text {n}."}), range(12))
        )
    assert sorted(answer.status_code for answer in answers) == [202] * 3 + [429] * 9


def test_bounds_that_cannot_be_looked_up_are_no_error_of_the_server(world: Open) -> None:
    api = world()
    path = f"/v1/collections/{api.collection()}/documents"
    with writing(api.services.records.engine) as connection:
        connection.execute(text("ALTER TABLE documents RENAME TO elsewhere"))
    response = api.client.post(path, json={"text": "Whether there is room nobody knows."})
    assert_problem(response, 503, "unavailable")
    assert response.headers["retry-after"]
