"""The command line and the clients against the whole application, as `samespace up` runs it."""

import asyncio
import csv
import io
import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from samespace.cli.main import run
from samespace.client import AsyncClient, Client, Source
from samespace.core.errors import Conflict, InvalidRequest, NotFound
from samespace.core.settings import Settings
from samespace.operations.stack.stack import Stack
from samespace.wiring import open_services
from tests.encoders.tiny import write_tiny

pytestmark = pytest.mark.slow

Shell = Callable[..., tuple[int, str, str]]


@pytest.fixture
def shell(
    stack: Stack,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> Shell:
    """Runs a command line: its status, what it printed, what it remarked."""
    monkeypatch.setenv("SAMESPACE_STATE", str(tmp_path_factory.mktemp("state")))

    def call(*arguments: str) -> tuple[int, str, str]:
        status = run(["--url", stack.url, *arguments])
        shown = capsys.readouterr()
        return status, shown.out, shown.err

    return call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "cats.txt").write_text("A cat purrs when it is content and sleeps most of the day.")
    (tmp_path / "cars.txt").write_text("A red sports car drives fast on the motorway.")
    (tmp_path / "red.png").write_bytes(png())
    return tmp_path


def png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(file, "PNG")
    return file.getvalue()


def test_a_folder_is_added_searched_synced_and_deleted(shell: Shell, folder: Path) -> None:
    status, out, err = shell("add", str(folder), "-c", "whole", "-m", "kind=test")
    assert (status, out) == (0, "3 added, 0 failed\n"), err
    assert "ready 3 of 3" in err

    status, out, _ = shell("search", "-c", "whole", "small", "animal", "that", "purrs", "-f")
    assert (status, out.splitlines()[0]) == (0, str(folder / "cats.txt"))
    nothing = shell("search", "-c", "whole", "cat", "--filter", '{"kind": "other"}')
    assert nothing == (0, "", "nothing was found\n")

    assert shell("add", str(folder), "-c", "whole", "-m", "kind=test")[1] == (
        "0 added, 3 unchanged, 0 failed\n"
    )
    (folder / "cats.txt").write_text("Dogs bark at the postman.")
    (folder / "cars.txt").unlink()
    status, out, _ = shell("add", "--sync", str(folder), "-c", "whole", "-m", "kind=test")
    assert out == "0 added, 1 replaced, 1 unchanged, 1 removed, 0 failed\n"
    assert str(folder / "cars.txt") not in shell("search", "-c", "whole", "car", "-f")[1]

    assert shell("delete", str(folder), "-c", "whole", "--yes")[1] == "2 deleted\n"
    status, _, err = shell("delete", str(folder), "-c", "whole", "--yes")
    assert status == 1
    assert "no document of collection 'whole'" in err


def test_a_folder_that_lost_most_of_its_files_is_not_followed_without_a_yes(
    shell: Shell, folder: Path
) -> None:
    sync = ("add", "--sync", str(folder), "-c", "mounted")
    assert shell(*sync)[:2] == (0, "3 added, 0 failed\n")
    kept = {file: file.read_bytes() for file in folder.iterdir()}
    for file in kept:
        file.unlink()
    status, out, err = shell(*sync)
    assert (status, out) == (1, "")
    assert "would remove 3 of the 3 documents of collection 'mounted'" in err
    (folder / "new.txt").write_text("Something new in the place where the disk should be.")
    status, out, err = shell(*sync)
    assert (status, out) == (1, "")
    assert f"{folder}/cars.txt" in err
    assert "nothing was added or removed" in err
    assert "\t3\t3\tactive" in shell("collections")[1].split("mounted", 1)[1].splitlines()[0]

    (folder / "new.txt").unlink()
    for file, data in kept.items():
        file.write_bytes(data)
    assert shell(*sync)[:2] == (0, "0 added, 3 unchanged, 0 failed\n")
    for file in list(kept)[:2]:
        file.unlink()
    assert shell(*sync, "--yes")[:2] == (0, "0 added, 1 unchanged, 2 removed, 0 failed\n")


def test_a_folder_on_another_disk_is_told_and_nothing_of_it_removed(
    shell: Shell, folder: Path
) -> None:
    sync = ("add", "--sync", str(folder), "-c", "moved")
    assert shell(*sync)[0] == 0
    memory = Settings().state / "synced.json"
    memory.write_text(json.dumps({str(folder): {"device": -1, "filesystem": -1}}))
    (folder / "cars.txt").unlink()  # alone it goes without a question
    status, out, err = shell(*sync)
    assert (status, out) == (1, "")
    assert f"warning: {folder} is on another disk than when it was last kept in sync" in err
    assert "would remove 1 of the 3 documents" in err
    assert shell(*sync, "--yes")[:2] == (0, "0 added, 2 unchanged, 1 removed, 0 failed\n")
    assert shell(*sync)[2].count("another disk") == 0


def test_what_still_comes_in_is_counted_so_and_waited_for(
    shell: Shell, stack: Stack, folder: Path
) -> None:
    assert shell("collections", "create", "late")[0] == 0
    shell("pause", "-c", "late")
    assert shell("add", str(folder), "-c", "late", "--no-wait")[0] == 0
    (folder / "new.txt").write_text("This one was not there the first time.")
    status, out, _ = shell("add", str(folder), "-c", "late", "--no-wait")
    assert (status, out) == (0, "1 added, 3 still coming in, 0 failed; not waited for\n")
    with Client(stack.url) as client:
        added = client.add(
            "late", [Source(folder / "cats.txt", external_id=str(folder / "cats.txt"))]
        )
        (document,) = added["documents"]
        assert (document["outcome"], document["state"]) == ("unchanged", "queued")
        assert document["job_id"] in added["job_ids"]
        client.resume("late")
    status, out, err = shell("add", str(folder), "-c", "late")
    assert (status, "failed" in out) == (0, True), err
    with Client(stack.url) as client:
        assert client.collection("late")["documents"]["ready"] == 4
    assert shell("add", str(folder), "-c", "late")[1] == "0 added, 4 unchanged, 0 failed\n"


def test_what_fails_and_what_is_skipped(shell: Shell, folder: Path) -> None:
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0" + b"garbage" * 20)
    (folder / "empty.txt").touch()
    (folder / "x.zip").write_bytes(b"PK\x03\x04" + bytes(100))
    status, out, err = shell("add", str(folder), "-c", "bad")
    assert (status, out) == (1, "3 added, 1 skipped, 2 failed\n")
    for said in ("skipped: {}/x.zip: ", "failed: {}/empty.txt: ", "failed: {}/broken.jpg: "):
        assert said.format(folder) in err
    assert shell("retry", "-c", "bad")[1] == "1 retried\n"


def test_texts_are_read_again_in_another_encoding(shell: Shell, tmp_path: Path) -> None:
    words = "Ąžuolas ir eglė auga šalia kelio, o žmonės eina į mišką"
    (tmp_path / "a.txt").write_bytes(words.encode("cp1257"))
    assert shell("add", str(tmp_path), "-c", "legacy")[1] == "1 added, 0 failed\n"
    assert shell("add", str(tmp_path), "-c", "legacy", "--encoding", "cp1257")[1] == (
        "0 added, 1 updated, 0 failed\n"
    )
    assert words in shell("search", "-c", "legacy", "oak")[1]
    status, _, err = shell("retry", "-c", "legacy", "--encoding", "cp1257")
    assert (status, "give the documents to read again" in err) == (2, True)


def test_what_waits_is_paused_called_off_and_taken_up_again(shell: Shell, folder: Path) -> None:
    assert shell("collections", "create", "held")[0] == 0
    assert shell("pause", "-c", "held")[1] == "collection held is paused\n"
    assert shell("pause", "-c", "held")[1] == "collection held was paused already\n"
    assert shell("add", str(folder), "-c", "held", "--no-wait")[0] == 0
    [line] = shell("jobs", "-c", "held")[1].splitlines()
    job, _, _, state, done = line.split("\t")[:5]
    assert (state, done) == ("paused", "0/3")
    assert "held" in shell("status")[1]
    assert "held\tstarter\tstarter\t3\t0\tpaused" in shell("collections")[1].splitlines()

    assert shell("cancel", job)[1] == "3 cancelled\n"
    assert shell("cancel", job)[1] == "0 cancelled\n"
    assert shell("cancel", "nonsense", "-c", "held")[0] == 1
    assert shell("status", job)[1].count("cancelled") == 2
    assert shell("retry", "--job", job)[1] == "3 retried\n"
    assert shell("retry", "x", "--job", job)[0] == 2
    assert shell("resume", "-c", "held")[1] == "collection held goes on\n"
    assert shell("resume", "-c", "held")[1] == "collection held was not paused\n"
    assert "ready" in shell("status", job, "--watch")[1]


def test_similar_and_classes(shell: Shell, folder: Path) -> None:
    shell("add", str(folder), "-c", "asked")
    status, out, _ = shell("similar", str(folder / "red.png"), "-c", "asked", "-f")
    assert status == 0
    assert set(out.splitlines()) == {str(folder / "cats.txt"), str(folder / "cars.txt")}

    answer = json.loads(shell("search", "cat", "-c", "asked", "--top", "1", "--json")[1])
    item = answer["hits"][0]["id"]
    assert item not in shell("similar", item, "-c", "asked")[1]

    status, out, _ = shell("classify", "-c", "asked", "-l", "a cat,a car", str(folder / "cats.txt"))
    assert out.split("\t")[:2] == [str(folder / "cats.txt"), "a cat"]
    status, out, _ = shell(
        "classify", "-c", "asked", "-l", "a cat,a car", "--all", "--only", "text"
    )
    assert out.splitlines()[:2] == ["a cat\t1\tcats.txt", "a car\t1\tcars.txt"]


def test_classes_are_kept_under_a_name(shell: Shell, folder: Path) -> None:
    shell("add", str(folder), "-c", "named")
    of = ("-c", "named")
    assert (
        shell("labels", "save", "beasts", "-l", "a cat, a car", "--threshold", "0.9", *of)[0] == 0
    )
    assert shell("labels", "save", "one", "-l", "a cat", *of)[0] == 1
    assert shell("labels", *of)[1].splitlines()[-1] == "beasts\t0.9\ta cat, a car"

    file = str(folder / "cats.txt")
    by_set = json.loads(shell("classify", "--set", "beasts", "--json", file, *of)[1])
    given = ("-l", "a cat,a car", "--threshold", "0.9")
    assert by_set == json.loads(shell("classify", *given, "--json", file, *of)[1])
    status, _, err = shell("classify", "--set", "none", file, *of)
    assert (status, "it has beasts" in err) == (1, True)
    assert shell("classify", "--set", "beasts", "-l", "a,b", file, *of)[0] == 2
    assert shell("classify", file, *of)[0] == 2

    assert shell("labels", "delete", "beasts", *of)[1] == "label set beasts deleted\n"
    assert json.loads(shell("labels", "--json", *of)[1]) == []


def test_a_collection_is_laid_out_as_a_map(shell: Shell, folder: Path) -> None:
    shell("add", str(folder), "-c", "laid")
    points = folder / "points.csv"
    status, out, err = shell("map", "laid", "--csv", str(points))
    assert (status, "mapped" in err) == (0, True)
    assert {"count", "total", "made_at", "fresh"} == {line.split()[0] for line in out.splitlines()}
    rows = list(csv.DictReader(points.read_text().splitlines()))
    assert sorted(row["modality"] for row in rows) == ["image", "text", "text"]
    assert all(0 <= float(row[axis]) <= 1 for row in rows for axis in "xy")
    shell("delete", str(folder / "cars.txt"), "-c", "laid", "--yes")
    status, out, err = shell("map", "laid", "--json")
    assert (json.loads(out)["count"], json.loads(out)["fresh"]) == (2, False)
    assert json.loads(shell("map", "laid", "--refresh", "--json")[1])["fresh"]
    assert shell("map", "laid", "--csv", str(folder / "none" / "points.csv"))[0] == 1
    assert shell("map", "nowhere")[0] == 1


def test_both_clients_answer_the_map(stack: Stack, folder: Path) -> None:
    with Client(stack.url) as client:
        client.create_collection("points")
        client.wait(*client.add("points", sorted(folder.iterdir()))["job_ids"])
        with pytest.raises(NotFound):
            client.kept_map("points")
        made = client.map("points")
        found = client.get_items("points", [point["item"] for point in made["points"]])
    assert (made["count"], made["total"], made["fresh"]) == (3, 3, True)
    assert {each["document_name"] for each in found} == {"cars.txt", "cats.txt", "red.png"}

    async def again() -> object:
        async with AsyncClient(stack.url) as client:
            return await client.map("points")

    assert asyncio.run(again()) == made


def test_collections_jobs_and_status(shell: Shell) -> None:
    assert shell("collections", "create", "empty", "--preset", "starter")[0] == 0
    assert "empty\tstarter\tstarter\t0\t0\tactive" in shell("collections")[1].splitlines()
    for group, *options in (("collections",), ("labels", "-c", "empty"), ("jobs",)):
        assert shell(group, *options, "list") == shell(group, *options)
        as_json = shell(group, *options, "--json")
        assert as_json[0] == 0
        assert isinstance(json.loads(as_json[1]), list)
        assert shell(group, *options, "list", "--json") == as_json
        assert shell(group, *options, "--json", "list") == as_json
    assert shell("labels", "-c", "empty", "list") == shell("labels", "list", "-c", "empty")
    assert shell("labels", "-c", "empty", "delete", "x")[0] == 2
    assert shell("collections", "create", "empty")[0] == 1
    assert shell("add", __file__, "-c", "empty", "--preset", "clip")[2].startswith(
        "samespace: collection 'empty' has preset 'starter', not 'clip'"
    )
    assert shell("collections", "delete", "empty", "--yes")[0] == 0
    assert "empty" not in shell("collections")[1]
    assert shell("status", "nonsense")[0] == 1
    out = shell("status")[1]
    assert "records ok, index ok, queue ok, blobs ok" in out
    for name in ("a/b", "x" * 300, ""):
        assert shell("search", "cat", "-c", name)[0] == 1


def test_a_job_and_a_document_can_be_looked_at(shell: Shell, stack: Stack) -> None:
    with Client(stack.url) as client:
        client.create_collection("looked")
        added = client.add("looked", [Source("Some words.", name="words")])
        (job,) = client.wait(*added["job_ids"])
        document = client.document("looked", added["documents"][0]["id"])
    assert job["state"] == document["state"] == "ready"
    assert job["id"] in shell("jobs", "-c", "looked")[1]
    assert "ready" in shell("status", job["id"], "--watch")[1]
    assert "words" in shell("status", document["id"], "-c", "looked")[1]


def test_the_verbs_of_the_client(stack: Stack, folder: Path) -> None:
    with Client(stack.url) as client:
        client.create_collection("verbs")
        with pytest.raises(Conflict):
            client.create_collection("verbs")
        added = client.add("verbs", sorted(folder.iterdir()), metadata={"year": 1999})
        seen: list[int] = []
        client.wait(*added["job_ids"], on_progress=lambda job: seen.append(job["done"]))
        assert seen[-1] == 3
        page = client.documents("verbs", state="ready", limit=2)
        rest = client.documents("verbs", after=page["next"])
        assert len(page["documents"]) + len(rest["documents"]) == 3
        cars = next(each["id"] for each in added["documents"] if each["name"] == "cars.txt")
        assert client.content("verbs", cars) == (folder / "cars.txt").read_bytes()
        assert client.items("verbs", cars)[0]["modality"] == "text"
        mixed = client.search(
            "verbs",
            parts=[{"image": png(), "weight": 0.5}, {"text": "motorway"}],
            targets=["text"],
            filter={"year": {"lt": 2000}},
        )
        assert mixed["hits"][0]["document"]["id"] == cars
        two = client.embed(["a", "b"], images=[png()])
        assert [len(row) for row in two] == [384, 384, 384]
        assert client.delete("verbs", ids=[cars, "unknown"]) == [cars]
        with pytest.raises(NotFound):
            client.document("verbs", cars)
        with pytest.raises(InvalidRequest, match="limit"):
            client.search("verbs", "x", limit=0)
        assert "starter" in [preset["name"] for preset in client.models()]


def test_the_other_client_does_the_same(stack: Stack, folder: Path) -> None:
    async def work() -> list[str]:
        async with AsyncClient(stack.url) as client:
            await client.create_collection("awaited")
            added = await client.add("awaited", sorted(folder.glob("*.txt")))
            await client.wait(*added["job_ids"])
            answer = await client.search("awaited", "an animal that purrs")
            return [hit["document"]["name"] for hit in answer["hits"]]

    assert asyncio.run(work()) == ["cats.txt", "cars.txt"]


def test_verify_says_that_nothing_differs(shell: Shell, stack: Stack) -> None:
    status, out, err = shell("verify", "--data", str(stack.settings.data), "--json")
    report = json.loads(out)
    assert (status, report["differences"], report["complete"], err) == (0, [], True, "")
    with Client(stack.url) as client:
        assert report["collections"] == len(client.collections())


def test_verify_names_what_differs_and_mends_it(shell: Shell, stack: Stack) -> None:
    with Client(stack.url) as client:
        client.create_collection("verified")
        added = client.add("verified", [Source("A heron in the river.", name="heron")])
        client.wait(*added["job_ids"])
    services = open_services(stack.settings)
    try:
        collection = services.records.collections.find("verified")
        (doc,) = services.records.documents.page(collection.id)
        services.index.delete(collection.spaces[0].index_name, [doc.id])
    finally:
        services.close()
    wanted = ("verify", "--data", str(stack.settings.data), "--collection", "verified")
    status, out, err = shell(*wanted)
    assert status == 1
    assert "missing-item\t1\t0" in out
    assert "--repair` mends" in err
    status, out, _ = shell(*wanted, "--repair")
    assert status == 0
    assert "missing-item\t1\t1" in out
    deadline = time.monotonic() + 60
    while shell(*wanted)[0] != 0:
        assert time.monotonic() < deadline


def test_a_model_is_added_used_shown_and_removed(
    shell: Shell, folder: Path, tmp_path: Path
) -> None:
    """The folder goes at once; the worker and the API have the model all the same."""
    tiny = write_tiny(tmp_path)
    (tiny / "pytorch_model.bin").write_bytes(b"left behind")
    status, _, err = shell("models", "add", str(tiny), "--name", "own")
    assert status == 1
    assert "--licence" in err
    status, out, err = shell("models", "add", str(tiny), "--name", "own", "--licence", "MIT")
    assert (status, out) == (0, "model own added: text 32, licence MIT\n"), err
    assert "not part of it: pytorch_model.bin" in err
    shutil.rmtree(tiny)
    assert shell("collections", "create", "by-own", "--preset", "own")[0] == 0
    assert shell("add", *map(str, folder.glob("*.txt")), "-c", "by-own")[0] == 0
    exact = "A cat purrs when it is content and sleeps most of the day."
    assert shell("search", "-c", "by-own", exact, "-f")[1].splitlines()[0] == str(
        folder / "cats.txt"
    )

    status, out, _ = shell("models", "show", "own")
    assert status == 0
    assert "MIT" in out
    assert "by-own" in out
    rows = {line.split()[0]: line for line in shell("models")[1].splitlines()}
    assert {"own", "starter", "clip"} <= rows.keys()
    assert json.loads(shell("models", "show", "own", "--json")[1])["used_by"] == ["by-own"]
    status, _, err = shell("models", "remove", "own", "--yes")
    assert status == 1
    assert "used by collection by-own" in err
    assert shell("collections", "delete", "by-own", "--yes")[0] == 0
    assert shell("models", "remove", "own", "--yes")[:2] == (0, "model own removed\n")
    assert shell("models", "show", "own")[0] == 1
