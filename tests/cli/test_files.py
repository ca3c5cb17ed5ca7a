from pathlib import Path

import pytest

from samespace.cli.commands.files import absolute, external_id, find_files, folder_prefix
from samespace.core.errors import NotFound


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.txt", "a.txt", ".hidden.txt", "sub/c.jpg", ".git/config", "sub/.x/d.txt"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    return tmp_path


def names(folder: Path, found: list[Path]) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in found]


def test_a_folder_means_its_files_without_hidden_ones(folder: Path) -> None:
    assert names(folder, find_files([str(folder)], hidden=False)) == ["a.txt", "b.txt", "sub/c.jpg"]


def test_hidden_files_can_be_had(folder: Path) -> None:
    found = names(folder, find_files([str(folder)], hidden=True))
    assert set(found) >= {".hidden.txt", ".git/config", "sub/.x/d.txt"}


def test_a_hidden_file_that_is_named_is_meant(folder: Path) -> None:
    found = find_files([str(folder / ".hidden.txt")], hidden=False)
    assert names(folder, found) == [".hidden.txt"]


def test_patterns_and_repeats(folder: Path) -> None:
    patterns = [str(folder / "**" / "*.jpg"), str(folder / "*.txt"), str(folder / "a.txt")]
    found = names(folder, find_files(patterns, hidden=False))
    assert found == ["sub/c.jpg", "a.txt", "b.txt"]


def test_relative_paths_become_absolute(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder / "sub")
    assert find_files(["../a.txt"], hidden=False) == [folder / "a.txt"]
    assert absolute("..") == folder


def test_a_link_keeps_its_own_name(folder: Path) -> None:
    (folder / "link.txt").symlink_to(folder / "a.txt")
    assert find_files([str(folder / "link.txt")], hidden=False) == [folder / "link.txt"]


@pytest.mark.parametrize("path", ["nowhere.txt", "*.pdf"])
def test_what_leads_nowhere_is_named(folder: Path, path: str) -> None:
    with pytest.raises(NotFound, match="there is no file, folder or match for"):
        find_files([str(folder / path)], hidden=False)


def test_the_prefix_of_a_folder_covers_its_files_only(folder: Path) -> None:
    prefix = folder_prefix(str(folder / "sub") + "/")
    assert external_id(folder / "sub" / "c.jpg").startswith(prefix)
    assert not external_id(folder / "subway.txt").startswith(prefix)
    assert folder_prefix("/") == "/"
