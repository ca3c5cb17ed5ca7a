"""The demo on a small corpus: what it reads, what it shows, and that it finds itself wrong."""

import json
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from recipes.demo.__main__ import ROOT, conclude, free_port, show
from recipes.demo.samples import read_samples
from samespace.client import Client
from samespace.core.errors import NotFound
from samespace.operations.stack.stack import Stack
from tests.cli.test_live import png

QUERIES = {
    "queries": [
        {
            "name": "purrs",
            "kind": "words-to-passages",
            "parts": [{"text": "an animal that purrs"}],
            "targets": ["text"],
            "right": ["documents/cats.txt"],
        },
        {
            "name": "itself",
            "kind": "picture-to-pictures",
            "parts": [{"picture": "pictures/red.png", "weight": 2}],
            "targets": ["image"],
            "right": ["pictures/red.png"],
        },
    ],
    "classify": {"labels": ["red", "cat"], "pictures": {"pictures/red.png": "red"}},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("documents", "pictures"):
        (tmp_path / name).mkdir()
    (tmp_path / "documents" / "cats.txt").write_text("A cat purrs when it is content.")
    (tmp_path / "pictures" / "red.png").write_bytes(png())
    (tmp_path / "captions.csv").write_text("path,caption,kind\npictures/red.png,Red.,drawing\n")
    (tmp_path / "queries.json").write_text(json.dumps(QUERIES))
    (tmp_path / "SOURCES.md").write_text("not a sample")
    return tmp_path


def test_samples_know_their_paths_and_captions(folder: Path) -> None:
    samples = read_samples(folder)
    assert [(source.external_id, source.metadata) for source in samples.sources] == [
        ("documents/cats.txt", None),
        ("pictures/red.png", {"caption": "Red.", "kind": "drawing"}),
    ]
    assert samples.questions[0].parts == ({"text": "an animal that purrs", "weight": 1.0},)
    assert samples.questions[1].parts == ({"image": png(), "weight": 2.0},)
    assert samples.questions[1].pictures == {"pictures/red.png"}
    assert [question.shown for question in samples.questions] == [
        '"an animal that purrs"',
        "pictures/red.png",
    ]


def test_every_query_of_the_repository_names_samples_that_are_there() -> None:
    folder = ROOT / "samples"
    queries = json.loads((folder / "queries.json").read_text(encoding="utf-8"))
    asked = [*queries["queries"], *queries["beyond_starter"]]
    assert len({query["name"] for query in asked}) == len(asked)
    for query in asked:
        pictures = [part["picture"] for part in query["parts"] if "picture" in part]
        assert query["right"], query["name"]
        assert [path for path in query["right"] + pictures if not (folder / path).is_file()] == []
    counts = Counter(query["kind"] for query in queries["queries"])
    assert counts >= Counter(
        {
            "words-to-passages": 4,
            "words-to-pictures": 6,
            "picture-to-pictures": 2,
            "picture-to-passages": 2,
            "mixed": 2,
        }
    )


def test_without_samples_there_is_no_demo(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="the demo runs in the source repository"):
        read_samples(tmp_path)


def test_only_a_demo_that_stays_takes_the_usual_port() -> None:
    assert free_port(keep=False) == 0


@pytest.mark.parametrize(
    ("keep", "stays"),
    [("KEEP=1", True), ("KEEP=yes", True), ("KEEP=0", False), ("KEEP=no", False), ("KEEP=", False)],
)
def test_the_demo_stays_where_it_is_asked_to(keep: str, stays: bool) -> None:
    printed = subprocess.run(
        ["make", "--dry-run", "demo", keep], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert "recipes.demo" in printed
    assert ("--keep" in printed) is stays


@pytest.mark.slow
def test_a_query_is_not_answered_by_its_own_picture(
    stack: Stack, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    samples = read_samples(folder)
    with Client(stack.url) as client:
        wrong = show(client, samples, time.monotonic())
        assert [question.name for question in wrong] == ["itself"]
        show(client, samples, time.monotonic())
    assert "0 added, 2 unchanged, 0 failed" in capsys.readouterr().out
    assert conclude(wrong, 2) == 1
    assert capsys.readouterr().err == (
        "demo: none of the right samples is among the best 3: picture-to-pictures: itself\n"
    )
    assert conclude([], 2) == 0
