"""A disk that is full: uploads are refused clearly and leave nothing behind, and all goes on when there is room."""

import io
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text

from ingest.embed import ingest_documents
from samespace.core.disks import check_space, disks
from samespace.core.errors import OutOfSpace
from samespace.core.faults import arm
from samespace.core.types import State
from samespace.encoders.load import Encoders
from samespace.store.blobs_disk import DiskBlobs
from tests.api.world import World, assert_problem, open_world
from tests.full import small_disk
from workers.process import Process
from workers.work import ingest

pytestmark = pytest.mark.slow

NO_LIMIT = {"min_free_mb": 0}
FILLED: dict[Engine, Callable[..., None]] = {}


@pytest.fixture
def api(tmp_path: Path, redis_url: str, encoders: Encoders) -> Iterator[World]:
    with open_world(tmp_path / "data", redis_url, encoders, **NO_LIMIT) as world:
        yield world


@pytest.mark.parametrize(
    ("point", "action", "code"),
    [
        ("blobs.write", "full", "out_of_space"),
        ("upload.write", "full", "out_of_space"),
        ("blobs.write", "broken", "unavailable"),
    ],
)
def test_an_upload_that_finds_no_room_is_refused_and_leaves_nothing(
    api: World, tmp_path: Path, point: str, action: str, code: str
) -> None:
    name, file = api.collection(), tmp_path / "full"
    file.touch()
    arm(f"{point}={action}:{file}")
    response = api.send(name, [("a.txt", b"A heron."), ("b.txt", b"A barge.")])
    assert_problem(response, 503, code)
    assert response.headers["Retry-After"]
    assert nothing_is_left(api, name)
    file.unlink()
    assert api.send(name, [("a.txt", b"A heron."), ("b.txt", b"A barge.")]).status_code == 202
    assert len(api.ingest()) == 2


def test_what_came_before_the_full_disk_is_kept_and_the_rest_not_tried(api: World) -> None:
    name = api.collection()
    arm("blobs.write=full@2")
    answer = api.send(name, [(f"{n}.txt", f"Heron {n}.".encode()) for n in range(4)])
    assert answer.status_code == 202
    first, *others = answer.json()["documents"]
    assert first["state"] == "queued"
    assert [one["error"]["code"] for one in others] == ["out_of_space"] * 3
    arm("")
    assert [doc.id for doc in api.ingest()] == [first["id"]]


def test_records_that_are_full_accept_nothing(api: World) -> None:
    name = api.collection()
    fill(api.services.records.engine)
    response = api.send(name, [("a.txt", b"x" * 100_000)], metadata={"words": "heron " * 2000})
    assert_problem(response, 503, "out_of_space")
    assert response.headers["Retry-After"]
    give_room(api.services.records.engine)
    assert api.services.records.documents.counts() == {}
    api.add(name, "A heron.")
    assert len(api.ingest()) == 1


def test_documents_wait_for_a_vector_cache_that_is_full(api: World) -> None:
    [added] = api.add(api.collection(), "\n\n".join(f"Heron {n} sleeps. " * 90 for n in range(20)))[
        "documents"
    ]
    fill(api.services.vectors._engine)
    (claimed,) = api.services.records.claims.claim([added["id"]], "worker", 60)
    with pytest.raises(OutOfSpace, match=r"vectors\.db is full"):
        ingest_documents([claimed], api.services, must_stop=lambda: False)
    (waiting,) = api.services.records.documents.many([added["id"]]).values()
    assert waiting.state is State.QUEUED
    give_room(api.services.vectors._engine)
    assert [doc.id for doc in api.ingest()] == [added["id"]]


def test_too_little_free_space_refuses_uploads_and_says_so(
    tmp_path: Path, redis_url: str, encoders: Encoders
) -> None:
    with open_world(tmp_path / "data", redis_url, encoders, min_free_mb=10**9) as world:
        name = world.collection()
        problem = assert_problem(world.send(name, [("a.txt", b"A heron.")]), 503, "out_of_space")
        assert str(tmp_path / "data") in problem["detail"]
        assert "SAMESPACE_MIN_FREE_MB" in problem["detail"]
        body = {"documents": [{"text": "A heron."}]}
        response = world.client.post(f"/v1/collections/{name}/documents", json=body)
        assert_problem(response, 503, "out_of_space")
        assert nothing_is_left(world, name)
        assert "are to stay free" in world.client.get("/v1/status").json()["checks"]["space"]
        assert "are to stay free" in world.client.get("/readyz").json()["checks"]["space"]


def test_a_worker_takes_nothing_while_there_is_too_little_space(
    api: World, caplog: pytest.LogCaptureFixture
) -> None:
    api.add(api.collection(), "A heron.")
    settings = api.services.settings.model_copy(update={"min_free_mb": 10**9})
    ingest(Process(replace(api.services, settings=settings), api.queue))
    assert api.services.records.documents.counts() == {State.QUEUED: 1}
    assert "are to stay free" in caplog.text
    ingest(Process(api.services, api.queue))
    assert api.services.records.documents.counts() == {State.READY: 1}


def test_the_space_that_a_request_takes_counts(api: World) -> None:
    free = min(disk.free for disk in disks(api.services.settings))
    check_space(api.services.settings, free // 2)
    with pytest.raises(OutOfSpace, match="more are wanted"):
        check_space(api.services.settings, free * 2)


def test_blobs_on_a_small_disk(tmp_path: Path) -> None:
    """A real full disk, where one may be mounted."""
    with small_disk(tmp_path / "small") as folder:
        blobs = DiskBlobs(folder / "blobs")
        with pytest.raises(OutOfSpace, match="No space left"):
            blobs.put(f"originals/{'a' * 64}", io.BytesIO(bytes(2 << 20)))
        assert [path for path in folder.rglob("*") if path.is_file()] == []
        blobs.put(f"originals/{'b' * 64}", io.BytesIO(bytes(1 << 16)))
        assert len(blobs.get(f"originals/{'b' * 64}")) == 1 << 16


def nothing_is_left(api: World, name: str) -> bool:
    """No document on record, no blob, no half-written file of one."""
    blobs = api.services.settings.data / "blobs"
    files = [path for path in blobs.rglob("*") if path.is_file()]
    collection = api.services.records.collections.find(name)
    return files == [] and api.services.records.documents.page(collection.id) == []


def fill(engine: Engine) -> None:
    """Let the database have no more pages than it has now."""
    with engine.connect() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
    engine.dispose()

    def bound(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(engine, "connect", bound)
    FILLED[engine] = bound


def give_room(engine: Engine) -> None:
    """Undo `fill`."""
    event.remove(engine, "connect", FILLED.pop(engine))
    engine.dispose()
