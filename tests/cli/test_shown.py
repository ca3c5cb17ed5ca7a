"""What a person reads at a terminal: times, near paths, rows that fit."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from samespace.cli.terminal.formats import ago, fitted, local, near
from samespace.cli.terminal.output import aligned


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(-5, "0 s"), (5, "5 s"), (119, "1 min"), (7300, "2 h"), (200_000, "2 d")],
)
def test_ago_names_the_largest_unit(seconds: float, shown: str) -> None:
    moment = datetime.now(UTC) - timedelta(seconds=seconds)
    assert ago(moment.isoformat()) == shown


def test_local_times_are_those_of_this_machine() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
    assert local(moment.isoformat()) == moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def test_paths_begin_where_the_reader_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert near(f"{tmp_path}/here/a/b.txt") == "a/b.txt"
    assert near(f"{tmp_path}/hereafter.txt") == "~/hereafter.txt"
    assert near("/elsewhere/c.txt") == "/elsewhere/c.txt"
    assert near("no path") == "no path"


@pytest.mark.parametrize(
    ("room", "shown"), [(10, "a/b/c.jpg"), (9, "a/b/c.jpg"), (6, "…c.jpg"), (0, "…g")]
)
def test_what_does_not_fit_keeps_its_end(room: int, shown: str) -> None:
    assert fitted("a/b/c.jpg", room) == shown


def test_a_long_last_cell_goes_on_under_itself() -> None:
    def lines(last: str, columns: int) -> list[str]:
        return aligned([["abc", "x"], ["a", last]], columns)[1:]

    assert lines("one two three-four", 20) == ["a    one two", "     three-four"]
    assert lines("one two", 20) == ["a    one two"]
    assert lines("", 20) == ["a"]
    assert lines("one two three four", 12) == ["a    one two three four"]
    assert lines("a-word-that-is-too-long", 20) == ["a    a-word-that-is-", "     too-long"]


def test_columns_are_as_wide_as_a_terminal_shows_them() -> None:
    shown = aligned([["犬の写真", "1"], ["e\u0301te\u0301", "2"], ["cat", "[red]3[/red]"]], 80)
    assert shown == ["犬の写真  1", "e\u0301te\u0301       2", "cat       [red]3[/red]"]


@pytest.mark.parametrize("columns", [40, 44, 52])
def test_what_identifies_is_never_shortened(columns: int) -> None:
    id = "0123456789abcdef0123456789abcdef"
    table = [["job", "kind", "state"], [id, "map", "ready"]]
    assert aligned(table, columns)[1] == f"{id}  map   ready"
