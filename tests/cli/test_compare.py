"""`samespace collections compare` and `samespace queries` against the whole application."""

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from samespace.cli.main import run
from samespace.client import Client, Source
from samespace.encoders.spaces import spaces_of
from samespace.operations.stack.stack import Stack
from samespace.wiring import open_services
from tests.encoders.tiny import write_tiny
from tests.second_index import build_second

pytestmark = pytest.mark.slow

Shell = Callable[..., tuple[int, str, str]]
TEXTS = {
    "iron.txt": "Rust forms on iron that is left in the rain.",
    "bread.txt": "Bread rises because yeast makes gas in the dough.",
    "bees.txt": "Bees find their way home by the sun.",
    "violin.txt": "A violin has four strings, tuned in fifths.",
}


@pytest.fixture
def shell(stack: Stack, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Runs a command line: its status, what it printed, what it remarked."""

    def call(*arguments: str) -> tuple[int, str, str]:
        status = run(["--url", stack.url, *arguments])
        shown = capsys.readouterr()
        return status, shown.out, shown.err

    return call


def test_a_second_index_is_compared_by_a_worker(shell: Shell, stack: Stack, tmp_path: Path) -> None:
    with Client(stack.url) as client:
        client.create_collection("two")
        sources = [Source(text, external_id=name) for name, text in TEXTS.items()]
        client.wait(*client.add("two", sources)["job_ids"])
    status, _, remarks = shell("collections", "compare", "two")
    assert status == 1
    assert "`samespace collections model two MODEL` builds another beside it" in remarks
    with closing(open_services(stack.settings)) as services:
        (space,) = spaces_of(f"st:{write_tiny(tmp_path)}")
        build_second("two", services, space=space)

    status, out, _ = shell("queries", "add", "an instrument", "an insect", "-c", "two")
    assert status == 0
    id = out.split()[1].rstrip(":")
    with Client(stack.url) as client:
        violin = next(
            one["id"]
            for one in client.documents("two")["documents"]
            if one["external_id"] == "violin.txt"
        )
    assert shell("queries", "mark", id, violin, "good", "-c", "two")[0] == 0
    assert shell("queries", "-c", "two")[1].splitlines()[0].split("\t") == [
        id,
        "1",
        "0",
        "all",
        "an instrument",
    ]
    judged = tmp_path / "judged.json"
    rows = [
        {"query": "baking", "right": ["bread.txt"]},
        {"query": "corrosion", "right": ["iron.txt"]},
        {"query": "nothing", "right": ["gone.txt"]},
    ]
    judged.write_text(json.dumps(rows))

    status, _, remarks = shell("collections", "compare", "two", "--judged", str(judged))
    assert status == 1
    assert "gone.txt" in remarks or "1 of 3" in remarks
    wanted = ["--judged", str(judged), "--max-bad", "0.5", "--sample", "3"]
    status, out, remarks = shell("collections", "compare", "two", *wanted)
    assert status == 0, remarks
    assert "collection 'two' has no such document" in remarks
    rows_out = [line.split("\t") for line in out.splitlines()]
    assert [(row[1], row[-1]) for row in rows_out if row[0] == "alike" and row[2] == "rbo"] == [
        ("kept", "2"),
        ("file", "2"),
        ("passages", "3"),
    ]
    assert {row[1] for row in rows_out if row[0] == "judged"} == {"file", "marks"}
    assert sum(row[0] == "so" for row in rows_out) == 2
    assert "too few; judge at least 20" in out

    status, out, _ = shell("collections", "compare", "two", "--last", "--json")
    found = json.loads(out)
    assert found["comparison"]["queries"] == 7
    assert found["comparison"]["other"]["vectors_per_second"]["text"] > 0
    assert shell("queries", "remove", id, "-c", "two")[0] == 0
