"""Files of pictures and captions: what is read, what is skipped and said, and back again."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from samespace.core.errors import InvalidRequest, NotFound, Unreadable
from samespace.learn.pairs import BadRow, Pair, read_pairs, write_pairs
from tests.services import ROOT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("frog", "cat", "dog"):
        Image.new("RGB", (8, 8), "green").save(tmp_path / f"{name}.png")
    (tmp_path / "broken.png").write_bytes((tmp_path / "frog.png").read_bytes()[:-30])
    return tmp_path


def write(file: Path, *lines: str) -> Path:
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return file


def test_a_table_with_its_groups(folder: Path) -> None:
    file = write(
        folder / "pairs.csv",
        "path,caption,caption2,class,source,split",
        'frog.png,"A frog,  green",,frog,noto,train',
        "cat.png,A cat,A pet,cat,,",
    )

    pairs = read_pairs(file)

    assert pairs.bad == ()
    assert pairs.good == (
        Pair(folder / "frog.png", ("A frog, green",), "frog", "noto", "train"),
        Pair(folder / "cat.png", ("A cat", "A pet"), "cat"),
    )


def test_captions_in_one_field_and_a_group_by_its_own_name(folder: Path) -> None:
    file = write(
        folder / "pairs.csv", "path,captions,kind,animal", "frog.png,A frog;Frog face,x,frog"
    )

    assert read_pairs(file, group_column="animal").good[0].group == "frog"
    assert read_pairs(file).good == (Pair(folder / "frog.png", ("A frog", "Frog face"), "x"),)
    with pytest.raises(InvalidRequest, match="has no column 'species'"):
        read_pairs(file, group_column="species")


def test_rows_of_one_picture_are_joined(folder: Path) -> None:
    file = write(
        folder / "pairs.jsonl",
        '{"path": "frog.png", "caption": "A frog", "label": "frog"}',
        "",
        '{"path": "./frog.png", "captions": ["Frog face", "A frog"]}',
    )

    pairs = read_pairs(file)

    assert pairs.good == (Pair(folder / "frog.png", ("A frog", "Frog face"), "frog"),)


def test_each_kind_of_bad_row_is_listed_with_its_line(folder: Path) -> None:
    rows: list[object] = [
        {"path": "frog.png", "caption": "A frog", "group": "frog"},
        {"path": "frog.png", "caption": "A frog"},
        {"path": "frog.png", "caption": "Another", "group": "toad"},
        {"path": "gone.png", "caption": "Gone"},
        {"path": "broken.png", "caption": "Broken"},
        {"path": "cat.png", "caption": "  "},
        {"path": "cat.png", "captions": []},
        {"path": "cat.png", "captions": [1]},
        {"caption": "No picture"},
        ["cat.png"],
    ]
    file = write(folder / "pairs.jsonl", *map(json.dumps, rows), "{")

    pairs = read_pairs(file, max_bad_share=0.95)

    assert [pair.path.name for pair in pairs.good] == ["frog.png"]
    reasons = {row.line: (row.path, row.reason) for row in pairs.bad}
    assert reasons[2] == ("frog.png", "the same picture and caption stand in an earlier row")
    assert reasons[3] == ("frog.png", "group is 'toad' here and 'frog' in an earlier row")
    assert reasons[4] == ("gone.png", "there is no such file")
    assert reasons[5][1] == "it is damaged or not a picture"
    assert reasons[6] == reasons[7] == ("cat.png", "its caption is empty")
    assert reasons[8] == ("cat.png", "its captions are not texts")
    assert reasons[9] == ("", "it names no picture in path")
    assert reasons[10] == ("", "it is not a JSON object")
    assert reasons[11][1].startswith("it is not JSON")


def test_a_row_of_another_length_is_malformed(folder: Path) -> None:
    file = write(folder / "p.csv", "path,caption", "cat.png,A cat", "dog.png", "dog.png,A,dog")

    pairs = read_pairs(file, max_bad_share=0.9)

    reason = "it has not the 2 fields that the header names"
    assert pairs.bad == (BadRow(3, "", reason), BadRow(4, "", reason))


def test_too_many_bad_rows_are_refused_with_their_reasons(folder: Path) -> None:
    gone = [f"gone{i}.png,Gone" for i in range(7)]
    file = write(folder / "p.csv", "path,caption", "cat.png,A cat", *gone)

    with pytest.raises(InvalidRequest) as refused:
        read_pairs(file)

    said = str(refused.value)
    assert "7 of 8 rows of" in said
    assert "(87.5%, the limit is 5.0%): line 3: gone0.png: there is no such file; " in said
    assert said.endswith("and 2 more")
    assert len(read_pairs(file, max_bad_share=0.875).bad) == 7
    with pytest.raises(InvalidRequest, match="1 of 1 rows"):
        read_pairs(write(folder / "q.csv", "path,caption", "gone.png,Gone"), max_bad_share=1.0)


def test_an_unchecked_picture_is_believed(folder: Path) -> None:
    file = write(folder / "p.csv", "path,caption", "broken.png,Broken")

    assert read_pairs(file, check_pictures=False).bad == ()


def test_files_that_are_none(folder: Path) -> None:
    with pytest.raises(NotFound, match=r"nothing\.csv"):
        read_pairs(folder / "nothing.csv")
    with pytest.raises(InvalidRequest, match=r"\.csv and \.jsonl"):
        read_pairs(folder / "frog.png")
    with pytest.raises(InvalidRequest, match="it names no picture in path"):
        read_pairs(write(folder / "p.csv", "file,title", "a,b"))
    with pytest.raises(InvalidRequest, match="has no rows"):
        read_pairs(write(folder / "p.csv", "path,caption"))
    (folder / "latin.csv").write_bytes("path,caption\ncat.png,K\xe4tzchen\n".encode("latin-1"))
    with pytest.raises(Unreadable, match=r"latin\.csv"):
        read_pairs(folder / "latin.csv")


def test_the_samples_are_whole() -> None:
    pairs = read_pairs(ROOT / "samples" / "captions.csv", max_bad_share=0.0)

    assert {pair.group for pair in pairs.good} == {"photo", "drawing"}


words = st.text(min_size=1, max_size=12).map(lambda text: " ".join(text.split())).filter(bool)


@settings(derandomize=True, deadline=None, max_examples=50)
@given(st.lists(st.tuples(words, words, st.just("") | words), min_size=1, max_size=5))
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("pairs")
    pairs = [
        Pair(folder / f"{i}.png", tuple(dict.fromkeys((first, second))), group)
        for i, (first, second, group) in enumerate(rows)
    ]
    for pair in pairs:
        pair.path.touch()

    write_pairs(folder / "p.jsonl", pairs)

    assert read_pairs(folder / "p.jsonl", check_pictures=False).good == tuple(pairs)
    assert '"path":"0.png"' in (folder / "p.jsonl").read_text(encoding="utf-8")
