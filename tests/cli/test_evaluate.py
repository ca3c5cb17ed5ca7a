"""`samespace eval` with the real encoder, and against the whole application."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from samespace.cli.main import run
from samespace.learn.pairs import Pair, read_pairs, write_pairs
from samespace.operations.stack.folder import Folder
from samespace.operations.stack.stack import Stack
from tests.services import ROOT, free_port

PICTURES = ROOT / "samples" / "pictures"
NAMES = (
    "drawing-car-red",
    "drawing-strawberry",
    "photo-strawberry",
    "photo-panda",
    "photo-castle-neuschwanstein",
    "photo-cow",
)
GROUPS = {
    "drawing-strawberry": "strawberry",
    "photo-strawberry": "strawberry",
    "photo-panda": "panda",
    "photo-cow": "cow",
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Six of the samples, four with groups."""
    samples = {
        pair.path.stem: pair
        for pair in read_pairs(ROOT / "samples" / "captions.csv", check_pictures=False).good
    }
    pairs = [
        Pair(samples[name].path, samples[name].captions, GROUPS.get(name, "")) for name in NAMES
    ]
    write_pairs(tmp_path / "pairs.jsonl", pairs)
    return tmp_path / "pairs.jsonl"


@pytest.mark.slow
def test_an_encoder_is_judged_without_a_server(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMESPACE_URL", f"http://127.0.0.1:{free_port()}")
    output = file.with_name("out.json")

    assert run(["eval", str(file), "--encoder", "starter", "-o", str(output)]) == 0

    shown = capsys.readouterr()
    report = json.loads(output.read_text())
    directions = {each["direction"]: each for each in report["directions"]}
    assert {name: each["queries"] for name, each in directions.items()} == {
        "text->image": 6,
        "image->text": 6,
        "image->image": 2,
        "text->text": 2,
    }
    # Six pictures of five things: an encoder that knows anything is far above chance, which is 1/6.
    assert directions["text->image"]["measures"]["recall@1"]["value"] >= 0.5
    assert directions["text->image"]["measures"]["recall@10"]["value"] == 1
    [classes] = report["zero_shot"]
    assert classes["classes"] == ["cow", "panda", "strawberry"]
    assert sum(map(sum, classes["confusion"])) == classes["queries"] == 4
    assert report["fingerprints"].keys() == {"starter"}
    rows = [line.split("\t") for line in shown.out.splitlines()]
    assert [
        "direction",
        "starter",
        "text->image",
        "recall@10",
        "1.0000",
        "1.0000",
        "1.0000",
        "6",
    ] in rows
    assert "encoding pictures 6 of 6" in shown.err


def test_bad_rows_are_told_and_too_many_fail(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with file.open("a") as lines:
        lines.write('{"path": "gone.png", "caption": "Gone"}\n')

    assert run(["eval", str(file)]) == 1

    said = capsys.readouterr().err
    assert "1 of 7 rows of" in said
    assert "line 7: gone.png: there is no such file" in said


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--encoder", "nonsense"], 1, "preset 'nonsense' is not known; known are clip"),
        (["--encoder", "starter", "-c", "default"], 2, "not both"),
        (["--direction", "up->down"], 2, "'up->down' is none of text->image"),
        (["--template", "a photo"], 2, "'a photo' has no {}"),
        (["--label-column", "species"], 1, "has no column 'species'"),
    ],
)
def test_what_cannot_be_judged_is_named(
    file: Path,
    arguments: Sequence[str],
    status: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["eval", str(file), *arguments]) == status
    assert said in capsys.readouterr().err


def test_judged_queries_want_a_collection(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "q.csv").write_text("query,right\na frog,frog.png\n")

    assert run(["eval", str(tmp_path / "q.csv")]) == 2
    assert "give --collection" in capsys.readouterr().err


def test_a_stack_leaves_its_addresses_while_it_runs(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.prepare()
    assert folder.holder() == {}
    with folder.lock("http://here", "http://index"):
        assert folder.holder() == {"url": "http://here", "index": "http://index"}
    assert folder.holder() == {}


@pytest.mark.slow
def test_a_collection_is_judged_by_what_it_answers(
    stack: Stack, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(stack, "judged", NAMES[:5], capsys)
    command = ["--url", stack.url, "eval", str(file), "-c", "judged"]
    data = ["--data", str(stack.settings.data)]

    assert run(command) == 1
    assert "1 of 6 rows of" in capsys.readouterr().err
    assert run([*command, *data, "--max-bad", "0.5", "--json"]) == 0

    report = json.loads(capsys.readouterr().out)
    directions = {each["direction"]: each for each in report["directions"]}
    assert directions["text->image"]["queries"] == 5
    assert directions["text->image"]["gallery"] == 5
    assert directions["text->image"]["measures"]["recall@5"]["value"] == 1
    assert directions["image->text"]["absent"] == "captions are not documents"
    assert [(each["direction"], each["share"]["value"]) for each in report["index"]] == [
        ("text->image", 1),
        ("image->image", 1),
    ]
    assert report["zero_shot"][0]["queries"] == 3
    [bad] = report["bad_rows"]
    assert bad["reason"] == "collection 'judged' has no such document"


@pytest.mark.slow
def test_an_index_out_of_reach_is_said(
    stack: Stack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(stack, "asked-too", NAMES[:1], capsys)
    (tmp_path / "q.csv").write_text(f"query,right\na car,{PICTURES / 'drawing-car-red.png'}\n")
    command = ["--url", stack.url, "eval", str(tmp_path / "q.csv"), "-c", "asked-too"]

    assert run([*command, "--data", str(tmp_path / "none")]) == 0

    shown = capsys.readouterr()
    assert "no index: no index is known on this machine" in shown.err
    assert "direction\t\ttext->any\trecall@1\t1.0000\t1.0000\t1.0000\t1" in shown.out
    assert not (tmp_path / "none").exists()


def add(
    stack: Stack,
    collection: str,
    names: Sequence[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Add pictures, as a person would."""
    paths = [str(path) for name in names for path in PICTURES.glob(f"{name}.*")]
    assert run(["--url", stack.url, "add", *paths, "-c", collection]) == 0
    capsys.readouterr()
