"""Small plain texts are read in the worker, as a child would read them; whatever is not as plain goes to a child."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.parse import Limits, ParseJob
from ingest.parsed import Parsed
from ingest.plain import MOST_BYTES, is_plain, read_plain
from samespace.core.errors import SamespaceError, Unreadable
from tests.ingest.files import red_picture
from tests.ingest.house import House

LIMITS = Limits(1, 1, 1000)


def job(data: bytes | Path, media_type: str = "text/plain") -> ParseJob:
    return ParseJob("note.txt", media_type, data, LIMITS)


def in_a_child(one: ParseJob) -> Parsed | SamespaceError:
    try:
        return one.run()
    except SamespaceError as error:
        return error


@settings(deadline=None)
@given(st.text(max_size=1200), st.sampled_from(["text/plain", "text/markdown"]))
def test_it_is_read_as_a_child_reads_it(text: str, media_type: str) -> None:
    one = job(text.encode("utf-8", "ignore"), media_type)
    here, there = read_plain(one), in_a_child(one)
    assert here is None or str(here) == str(there)


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_are_read_otherwise_than_by_a_child(data: bytes) -> None:
    one = job(data)
    here, there = read_plain(one), in_a_child(one)
    assert here is None or str(here) == str(there)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        "Gr\u00fc\u00dfe".encode("latin-1"),
        "wide".encode("utf-16"),
        b"a log with \0 in it",
        b"\x1b$B8@\x1b(B",
        b"\x01\x02\x03\x04\x05",
        b"x" * (MOST_BYTES + 1),
    ],
)
def test_what_is_not_plain_is_left_to_a_child(data: bytes) -> None:
    assert not isinstance(read_plain(job(data)), Parsed)


def test_too_many_characters_are_refused_here_as_there() -> None:
    answer = read_plain(job(b"x" * 1001))
    assert isinstance(answer, Unreadable)
    assert "more than the limit of 1000" in str(answer)


def test_a_file_that_cannot_be_read_is_left_to_a_child(tmp_path: Path) -> None:
    assert read_plain(job(tmp_path / "gone.txt")) is None


def test_only_small_texts_in_no_named_encoding_are_candidates(house: House) -> None:
    assert is_plain(house.accept("# a heading\n\nand words", "note.md"))
    assert not is_plain(house.accept("long " * 20_000))
    assert not is_plain(house.accept(red_picture("PNG"), "red.png"))
    assert not is_plain(house.accept("<p>words</p>", "page.html"))


def test_no_child_is_asked_for_plain_texts(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    run_many = house.services.sandbox.run_many

    def noted(jobs: Iterable[Any]) -> Any:
        all_jobs = list(jobs)
        asked.extend(each.name for each in all_jobs)
        return run_many(all_jobs)

    monkeypatch.setattr(house.services.sandbox, "run_many", noted)
    docs = [
        house.accept("one", "one.txt"),
        house.accept(red_picture("PNG"), "red.png"),
        house.accept(
            "Gr\u00fc\u00dfe aus K\u00f6ln, viele sch\u00f6ne".encode("latin-1"), "old.txt"
        ),
        house.accept("two", "two.md"),
    ]
    assert len(house.ingest(*docs)) == 4
    assert sorted(asked) == ["old.txt", "red.png"]
