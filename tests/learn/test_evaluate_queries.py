"""Judged queries: the shapes they come in, what is right for whom, and how answers are counted."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from samespace.core.errors import InvalidRequest, NotFound, Unreadable
from samespace.learn.evaluate.queries import (
    JudgedQuery,
    Names,
    QueryPart,
    holds_queries,
    judge_queries,
    names_of,
    queries_of_pairs,
    read_queries,
)
from samespace.learn.pairs import Pair
from tests.services import ROOT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Image.new("RGB", (8, 8)).save(tmp_path / "frog.png")
    return tmp_path


def test_a_table_of_queries(folder: Path) -> None:
    file = folder / "q.csv"
    file.write_text(
        "query,picture,right,targets\n"
        "a frog,,frog.png; doc-7,image\n"
        ",frog.png,pond.txt,\n"
        ",,pond.txt,\n"
        ",gone.png,pond.txt,\n"
        "a pond,,,\n"
    )

    queries = read_queries(file, max_bad_share=0.9)

    assert holds_queries(file)
    words, picture = queries.good
    assert words.parts == (QueryPart("a frog"),)
    assert words.right == (names_of("frog.png", folder), names_of("doc-7", folder))
    assert str(folder / "frog.png") in words.right[0]
    assert (words.direction, picture.direction) == ("text->image", "image->any")
    assert picture.own == {str(folder / "frog.png"), "frog.png"}
    assert [(row.line, row.reason) for row in queries.bad] == [
        (4, "it has neither query nor picture nor parts"),
        (5, "there is no file 'gone.png'"),
        (6, "it names no right document"),
    ]
    with pytest.raises(InvalidRequest, match="3 of 5 rows"):
        read_queries(file)


def test_the_samples_are_judged_queries() -> None:
    file = ROOT / "samples" / "queries.json"
    asked = json.loads(file.read_text())["queries"]

    queries = read_queries(file, max_bad_share=0.0)

    assert len(queries.good) == len(asked)
    assert {"text->text", "text->image", "image->image", "mixed->text"} <= {
        query.direction for query in queries.good
    }


def test_json_that_holds_no_queries(folder: Path) -> None:
    file = folder / "q.json"
    with pytest.raises(NotFound):
        read_queries(file)
    for text, error in (("{", Unreadable), ('{"a": 1}', InvalidRequest), ("[1]", InvalidRequest)):
        file.write_text(text)
        with pytest.raises(error, match=r"q\.json"):
            read_queries(file)


def test_pairs_as_queries(folder: Path) -> None:
    pairs = [
        Pair(folder / "a.png", ("a frog",), "frog"),
        Pair(folder / "b.png", ("A frog", "frog face"), "frog"),
        Pair(folder / "c.png", ("a cat",)),
    ]
    a, b = names_of("a.png", folder), names_of("b.png", folder)

    queries = queries_of_pairs(pairs, folder)

    assert [query.parts[0].text for query in queries[:3]] == ["a frog", "frog face", "a cat"]
    assert queries[0].right == (a, b)
    pictures = queries[3:]
    assert [query.parts[0].picture for query in pictures] == [folder / "a.png", folder / "b.png"]
    assert [(query.right, query.own) for query in pictures] == [((b,), a), ((a,), b)]
    assert {query.targets for query in queries} == {("image",)}


def test_answers_are_counted_by_any_name_and_without_the_query_itself() -> None:
    mine, right, other = frozenset({"mine"}), frozenset({"r", "/r"}), frozenset({"o"})
    query = JudgedQuery((QueryPart("x"),), ("image",), (right, frozenset({"s"})), own=mine)
    done: list[int] = []

    def ask(_: JudgedQuery) -> Iterator[Names]:
        yield from (mine, other, frozenset({"/r"}), frozenset({"r", "id"}))

    judged = judge_queries([query, query], ask, done.append)

    # The picture itself is no place, so the right one is second; found twice it counts once.
    assert judged["text->image"]["mrr"].tolist() == [0.5, 0.5]
    assert judged["text->image"]["recall@1"].tolist() == [0, 0]
    assert done == [1, 2]
