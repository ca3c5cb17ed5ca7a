"""Names of files as file systems allow them: taken in, synced and deleted, at every door alike."""

import io
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from ingest.accept import Receipt, Refusal, Upload, accept_documents
from samespace.api.server import options
from samespace.cli.main import run
from samespace.core.settings import Settings
from tests.api.world import World, assert_problem, open_world
from tests.fuzz.light import LightEncoders
from tests.services import free_port

Shell = Callable[..., tuple[int, str, str]]
ODD = ["tab\tin.txt", "line\nbreak.txt", "escape\x1b[31m.txt", "quote\"'.txt", "new\r\nline.txt"]


@pytest.fixture
def world(tmp_path: Path, redis_url: str) -> Iterator[World]:
    with open_world(tmp_path / "data", redis_url, LightEncoders()) as world:
        yield world


@pytest.fixture
def shell(world: World, capsys: pytest.CaptureFixture[str]) -> Iterator[Shell]:
    """Runs a command line against the world, over a socket."""
    settings = Settings(port=free_port(), log_level="WARNING")
    config = uvicorn.Config(world.client.app, lifespan="off", **options(settings))
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()

    def call(*arguments: str) -> tuple[int, str, str]:
        status = run(["--url", f"http://127.0.0.1:{settings.port}", *arguments])
        shown = capsys.readouterr()
        return status, shown.out, shown.err

    yield call
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    for number, name in enumerate(["plain.txt", *ODD]):
        (folder / name).write_text(f"Text {number} about a cat.")
    (folder / os.fsdecode(b"bytes\xff.txt")).write_text("Of a name that is no UTF-8.")
    return folder


def documents(world: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.client.get("/v1/collections/c/documents").json()[
        "documents"
    ]
    return found


def test_files_of_odd_names_are_added_synced_and_deleted(
    world: World, shell: Shell, folder: Path
) -> None:
    added = shell("add", "--sync", str(folder), "-c", "c", "--no-wait")
    assert added[:2] == (0, "7 added, 0 failed; not waited for\n"), added
    kept = {document["name"]: document["external_id"] for document in documents(world)}
    assert kept == {
        "plain.txt": f"{folder}/plain.txt",
        r"tab\tin.txt": f"{folder}/tab\tin.txt",
        r"line\nbreak.txt": f"{folder}/line\nbreak.txt",
        r"escape\x1b[31m.txt": f"{folder}/escape\x1b[31m.txt",
        "quote\"'.txt": f"{folder}/quote\"'.txt",
        r"new\r\nline.txt": f"{folder}/new\r\nline.txt",
        r"bytes\xff.txt": rf"{folder}/bytes\xff.txt",
    }
    # What was added stays the same document, and what is gone goes.
    (folder / "plain.txt").unlink()
    (folder / ODD[4]).unlink()
    synced = shell("add", "--sync", str(folder), "-c", "c", "--no-wait", "--yes")
    assert synced[0] == 0 and "2 removed" in synced[1], synced
    assert "0 added" in synced[1] and "5 still coming in" in synced[1], synced
    # Each can be named.
    for name in ODD[:4]:
        assert shell("delete", str(folder / name), "-c", "c", "-y") == (0, "1 deleted\n", "")
    assert [document["name"] for document in documents(world)] == [r"bytes\xff.txt"]


def test_a_folder_of_an_odd_name_is_deleted(world: World, shell: Shell, tmp_path: Path) -> None:
    odd = tmp_path / "a\tfolder\n"
    odd.mkdir()
    (odd / "a.txt").write_text("In a folder of an odd name.")
    assert shell("add", str(odd), "-c", "c", "--no-wait")[0] == 0
    assert shell("delete", str(odd), "-c", "c", "-y")[:2] == (0, "1 deleted\n")
    assert documents(world) == []


def test_what_cannot_be_named_fails_alone_and_the_sync_goes_on(
    shell: Shell, world: World, folder: Path
) -> None:
    deep = folder
    for _ in range(6):
        deep = deep / ("d" * 200)
    deep.mkdir(parents=True)
    (deep / "a.txt").write_text("Of a path that is too long.")
    (folder / " ").write_text("Of a name that nobody can see.")
    status, out, err = shell("add", "--sync", str(folder), "-c", "c", "--no-wait")
    assert (status, out) == (1, "7 added, 2 failed; not waited for\n")
    assert "the name ' ' is blank" in err
    assert "the limit is 1024" in err
    (folder / "plain.txt").unlink()
    status, out, _ = shell("add", "--sync", str(folder), "-c", "c", "--no-wait")
    assert status == 1 and "1 removed" in out and "2 failed" in out
    assert len(documents(world)) == 6


def test_every_door_has_the_same_rule(api: World, name: str) -> None:
    url = f"/v1/collections/{name}/documents"
    for given, kept in (("a\tb.txt", r"a\tb.txt"), ("x\x85y", r"x\x85y")):
        answers = [
            api.client.post(url, json={"text": f"t {given!r}", "name": given}),
            api.send(name, [("f.txt", f"f {given!r}".encode())], documents=[{"name": given}]),
            api.client.post(url, json={"text": f"{given}\n", "external_id": given}),
        ]
        for answer in answers:
            assert answer.json()["documents"][0]["name"] == kept
    for bad in ("   ", "\t", "n" * 1025):
        for answer in (
            api.client.post(url, json={"text": "t", "name": bad}),
            api.send(name, [("f.txt", b"f")], documents=[{"name": bad}]),
        ):
            assert "the name" in assert_problem(answer, 422, "invalid_request")["detail"]
    head = (
        b'--b\r\ncontent-disposition: form-data; name="file"; filename="sent\tas it is.txt"\r\n\r\n'
    )
    form = {"content-type": "multipart/form-data; boundary=b"}
    sent = api.client.post(url, content=head + b"Named in the form.\r\n--b--\r\n", headers=form)
    assert sent.json()["documents"][0]["name"] == r"sent\tas it is.txt"


def test_one_that_goes_wrong_unexpectedly_is_no_matter_of_the_others(api: World, name: str) -> None:
    gone = io.BytesIO(b"gone")
    gone.close()
    outcomes = accept_documents(
        [Upload("a", io.BytesIO(b"A.")), Upload("b", gone), Upload("c", io.BytesIO(b"C."))],
        collection=api.services.records.collections.find(name),
        job_id="0" * 32,
        records=api.services.records,
        blobs=api.services.blobs,
        settings=api.services.settings,
    )
    first, second, third = outcomes
    assert isinstance(first, Receipt) and isinstance(third, Receipt)
    assert isinstance(second, Refusal)
    assert str(second.error) == "unexpected ValueError; the log of the server has the rest"
