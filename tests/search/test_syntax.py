"""Queries as they are typed."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samespace.cli.terminal.pictures import is_picture_file
from samespace.core.errors import InvalidRequest
from search.syntax import Kind, Typed, parse_query_text
from tests.search.typed import CASES, Read, split

PICTURES = frozenset({"photo.jpg", "2:odd name.png", "./a b.webp", "2024.jpg"})


def parse(*words: str) -> list[tuple[str, str, float]]:
    return [
        (part.kind, part.value, part.weight)
        for part in parse_query_text(words, PICTURES.__contains__)
    ]


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["red", "car"], [("words", "red car", 1)]),
        (["2:red", "car"], [("words", "red car", 2)]),
        (["car", "photo.jpg", "bus"], [("words", "car", 1), ("picture", "photo.jpg", 1), ("words", "bus", 1)]),
        (["3:photo.jpg"], [("picture", "photo.jpg", 3)]),
        (["2:odd name.png"], [("picture", "2:odd name.png", 1)]),
        (["other.jpg"], [("words", "other.jpg", 1)]),
        (["1:photo.jpg"], [("picture", "photo.jpg", 1)]),
        (["2:2024.jpg"], [("picture", "2024.jpg", 2)]),
        (["2::2024.jpg"], [("picture", "2024.jpg", 2)]),
        (["2:2025.jpg"], [("words", "2:2025.jpg", 1)]),
        (
            ["2:red car", "+", "photo.jpg", "-", "text overlay"],
            [("words", "red car", 2), ("picture", "photo.jpg", 1), ("words", "text overlay", -1)],
        ),
    ],
)  # fmt: skip
def test_what_words_stand_for(words: list[str], parts: list[tuple[str, str, float]]) -> None:
    assert parse(*words) == parts


@pytest.mark.parametrize(("text", "read"), CASES.items())
def test_what_is_typed_is_read_as_the_table_says(text: str, read: Read | str) -> None:
    if isinstance(read, str):
        with pytest.raises(InvalidRequest) as raised:
            parse(*split(text))
        assert str(raised.value) == read
    else:
        assert parse(*split(text)) == [("words", value, weight) for value, weight in read]


def test_no_words_make_no_query() -> None:
    with pytest.raises(InvalidRequest, match="the query is empty"):
        parse()


def test_a_picture_is_a_file_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "photo.JPG").touch()
    (tmp_path / "notes.txt").touch()
    assert is_picture_file(str(tmp_path / "photo.JPG"))
    (tmp_path / "scan.jp2").write_bytes(b"x")
    assert is_picture_file(str(tmp_path / "scan.jp2"))
    assert not is_picture_file(str(tmp_path / "other.jpg"))
    assert not is_picture_file(str(tmp_path / "notes.txt"))
    assert not is_picture_file("a\0b.jpg")
    assert not is_picture_file("x" * 5000 + ".jpg")


words = st.text("abc é:.-+1", min_size=1, max_size=12).filter(
    lambda text: text.strip() and text not in {"+", "-"} | PICTURES
)
weights = st.sampled_from([0.25, 0.5, 1.0, 2.0, 12.5])
parts = st.one_of(
    st.builds(Typed, st.just(Kind.WORDS), words, weights),
    st.builds(Typed, st.just(Kind.PICTURE), st.sampled_from(sorted(PICTURES)), weights),
).flatmap(lambda part: st.sampled_from([part, Typed(part.kind, part.value, -part.weight)]))


@given(st.lists(parts, min_size=1, max_size=6))
def test_what_is_written_is_read_again(query: list[Typed]) -> None:
    typed: list[str] = []
    for part in query:
        typed += ["+" if part.weight > 0 else "-", f"{abs(part.weight)}::{part.value}"]
    assert parse_query_text(typed, PICTURES.__contains__) == query
