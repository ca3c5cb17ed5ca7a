"""What `add --sync` would remove, when it asks, and how it knows a folder again."""

import json
import os
import sys
from pathlib import Path
from typing import Any, cast

import pytest
import typer

from samespace.cli.commands.sync import Removal, ask, has_moved, remember
from samespace.client.views import Document
from samespace.core.errors import Conflict


def gone(*names: str) -> list[Document]:
    return [cast(Document, {"name": name, "external_id": f"/photos/{name}"}) for name in names]


@pytest.mark.parametrize(
    ("removed", "held", "share", "is_much"),
    [
        (0, 0, 0.1, False),
        (0, 50, 0.1, False),
        (1, 1, 0.1, True),  # a folder that held one file and is empty now
        (1, 2, 0.1, False),
        (2, 20, 0.1, False),
        (3, 20, 0.1, True),
        (2, 2, 0.1, True),
        (100, 1000, 0.1, False),
        (101, 1000, 0.1, True),
        (9, 10, 0.9, False),
        (10, 10, 0.9, True),
        (10, 10, 1.0, False),
        (2, 1000, 0.0, True),
    ],
)
def test_what_is_much(removed: int, held: int, share: float, is_much: bool) -> None:
    assert Removal(gone(*map(str, range(removed))), held).is_much(share) is is_much


def test_where_nobody_can_be_asked_it_is_refused_with_the_numbers() -> None:
    with pytest.raises(Conflict) as refused:
        ask("pictures", Path("/photos"), Removal(gone("a", "b\tc", "d", "e"), 5))
    assert str(refused.value) == (
        "this would remove 4 of the 5 documents of collection 'pictures' that came from /photos, whose files are "
        "gone: /photos/a, /photos/b c, /photos/d, ...; nothing was added or removed. Is the disk mounted? "
        "If it is meant, say --yes (SAMESPACE_SYNC_SHARE sets how many go without a question)"
    )


@pytest.mark.parametrize("answer", [True, False])
def test_a_person_is_asked(monkeypatch: pytest.MonkeyPatch, answer: bool) -> None:
    asked: list[str] = []

    def confirm(question: str, **_: Any) -> None:
        asked.append(question)
        if not answer:
            raise typer.Abort

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(typer, "confirm", confirm)
    if answer:
        ask("c", Path("/photos"), Removal(gone("a"), 1))
    else:
        with pytest.raises(typer.Abort):
            ask("c", Path("/photos"), Removal(gone("a"), 1))
    assert asked == [
        "Remove 1 of the 1 documents of collection 'c' that came from /photos, whose files are gone: /photos/a?"
    ]


def test_a_folder_is_known_again_by_its_disk(tmp_path: Path) -> None:
    memory = tmp_path / "state" / "synced.json"
    folder = tmp_path / "photos"
    folder.mkdir()
    assert not has_moved(folder, memory)  # never seen
    remember(folder, memory)
    remember(tmp_path, memory)
    assert not has_moved(folder, memory)
    known = json.loads(memory.read_text())
    assert set(known) == {str(folder), str(tmp_path)}
    assert known[str(folder)]["device"] == folder.stat().st_dev

    elsewhere = {"device": -1, "filesystem": -1}
    memory.write_text(json.dumps({str(folder): elsewhere}))
    assert has_moved(folder, memory)
    remember(folder, memory)
    assert not has_moved(folder, memory)


def test_another_number_of_the_device_alone_is_the_same_disk(tmp_path: Path) -> None:
    memory = tmp_path / "synced.json"
    filesystem = os.statvfs(tmp_path).f_fsid
    if not filesystem:
        pytest.skip("this filesystem has no id")
    memory.write_text(json.dumps({str(tmp_path): {"device": -1, "filesystem": filesystem}}))
    assert not has_moved(tmp_path, memory)


@pytest.mark.parametrize("held", ["", "no JSON", "[]"])
def test_a_damaged_memory_is_none(tmp_path: Path, held: str) -> None:
    memory = tmp_path / "synced.json"
    memory.write_text(held)
    assert not has_moved(tmp_path, memory)
    remember(tmp_path, memory)
    assert str(tmp_path) in json.loads(memory.read_text())


def test_what_cannot_be_remembered_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    remember(tmp_path, tmp_path / "file" / "synced.json")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file"]
