"""Nothing good is said to be nothing good, at any size, and what is there is not said to be missing."""

from collections.abc import Callable

import numpy as np
import pytest

from samespace.core.types import IMAGE, TEXT, Vectors
from search.background import Background, Cohort
from search.parts import ContentPart, ItemPart, Query, TextPart
from search.verdict import (
    Chance,
    chance_of,
    expected_best,
    is_match,
    line_of,
    share_of_words,
    words_of,
)
from tests.search.world import World, picture_of

MakeWorld = Callable[..., World]
SIZES = (100, 2000, 20_000)
UNRELATED = Cohort(0.2, 0.1)


def wrong_best(size: int, rounds: int = 300) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """The best cosines of questions that none of `size` items answers."""
    random = np.random.default_rng(size)
    return np.array([random.normal(0.2, 0.1, size).max() for _ in range(rounds)])


@pytest.mark.parametrize(("among", "spreads"), [(1, 0), (100, 2.33), (2000, 3.29), (20_000, 3.89)])
def test_the_best_of_more_wrong_items_is_expected_to_be_better(among: int, spreads: float) -> None:
    assert expected_best(among) == pytest.approx(spreads, abs=0.01)


@pytest.mark.parametrize("size", SIZES)
def test_what_is_said_of_wrong_items_does_not_move_with_their_number(size: int) -> None:
    chance = Chance(UNRELATED, size)
    said = np.mean([chance.stands_out(best) < 1.0 for best in wrong_best(size)])
    assert 0.9 < said < 1
    assert np.median([chance.stands_out(best) for best in wrong_best(size)]) == pytest.approx(
        0.15, abs=0.15
    )


def test_a_fixed_line_would_move_with_the_number_of_items() -> None:
    """Why: 3.5 spreads tell nearly all questions without an answer in 100 items, and none in 20,000."""
    told = [np.mean((wrong_best(size) - 0.2) / 0.1 < 3.5) for size in SIZES]
    assert told[0] > 0.95
    assert told[2] < 0.05


@pytest.mark.parametrize("size", SIZES)
def test_an_answer_that_stands_out_is_no_false_alarm_at_any_size(size: int) -> None:
    random = np.random.default_rng(1)
    right = random.normal(0.75, 0.08, 1000)
    flagged = np.mean([Chance(UNRELATED, size).stands_out(cosine) < 0 for cosine in right])
    assert flagged < 0.05


def around(cosines: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Vectors:
    rows = np.stack([cosines, np.sqrt(1 - cosines**2)], axis=1)
    return np.asarray(rows, dtype=np.float32)


@pytest.mark.parametrize("size", [2000, 20_000])
def test_how_many_there_were_is_told_by_how_near_the_last_of_them_is(size: int) -> None:
    random = np.random.default_rng(2)
    cosines = np.clip(random.normal(0.2, 0.1, size), -1, 1)
    background = Background(around(cosines[:1000]), None, UNRELATED)
    north = np.asarray([1, 0], dtype=np.float32)
    found = sorted(cosines, reverse=True)[:200]
    chance = chance_of(north, background, found, 200)
    assert chance is not None
    assert expected_best(chance.among) == pytest.approx(expected_best(size), abs=0.25)
    fitting = sorted(cosines[:: size // 1000], reverse=True)[:200]  # a filter that keeps 1,000
    chance = chance_of(north, background, fitting, 200)
    assert chance is not None
    assert expected_best(chance.among) == pytest.approx(expected_best(1000), abs=0.25)


def test_a_list_that_is_not_full_holds_all_there_was() -> None:
    background = Background(around(np.full(40, 0.3)), None, UNRELATED)
    north = np.asarray([1, 0], dtype=np.float32)
    assert chance_of(north, background, [0.3] * 40, 200) == Chance(UNRELATED, 40)
    assert chance_of(north, background, [], 200) is None
    assert chance_of(north, Background(background.sample, None), [0.3], 200) is None


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("What are the symptoms of malaria?", ("symptoms", "malaria")),
        ("E-0x3F7", ("e-0x3f7",)),
        ("who is who", ("who", "is")),
        (
            "Straße CAFE\N{COMBINING ACUTE ACCENT}",
            ("strasse", "caf\N{LATIN SMALL LETTER E WITH ACUTE}"),
        ),
        ("?!", ()),
    ],
)
def test_the_words_of_a_question(question: str, words: tuple[str, ...]) -> None:
    assert words_of(Query((TextPart(question),))) == words


def test_only_what_is_looked_for_has_words() -> None:
    parts = (TextPart("red"), TextPart("blue", -1.0), ContentPart(picture_of("x")), ItemPart("k"))
    assert words_of(Query(parts)) == ("red",)


@pytest.mark.parametrize(
    ("words", "text", "share"),
    [
        (("e-0x3f7",), "Error E-0x3F7: the valve is stuck.", 1.0),
        (("e-0x3f7",), "Error E-0x3F71 is another.", 0.0),
        (("malaria", "children"), "Malaria is a disease of the tropics.", 0.5),
        (("cat",), "a category of its own", 0.0),
        (("cat",), "two cats", 1.0),
        (("directories",), "compare a directory with another", 1.0),
        (("法国",), "他去法国旅行。", 1.0),
        (("anything",), "", 0.0),
        ((), "text", 0.0),
    ],
)
def test_the_share_of_words_that_a_text_holds(
    words: tuple[str, ...], text: str, share: float
) -> None:
    assert share_of_words(words, [text]) == share


def test_words_make_up_for_a_cosine_and_only_one_text_counts() -> None:
    assert is_match(-5.0, ("red", "car"), ["a red car"], line=0.0)
    assert not is_match(-5.0, ("red", "car"), ["a red house", "a blue car"], line=0.0)
    assert is_match(-0.4, ("red", "car"), ["a red house"], line=0.0)
    assert not is_match(-0.6, ("red", "car"), ["a red house"], line=0.0)


def test_a_word_that_nobody_wrote_has_no_match_and_one_that_is_written_has(world: World) -> None:
    for i in range(60):
        world.add(f"the valve of pump{i} is stuck since monday{i} and nobody came to mend it again")
    world.add(
        "error E-0x3F7 means that one of the many valves of the large machine downstairs is stuck"
    )
    assert world.search("zzqx").no_good_match
    assert world.search("E-0x3F8").no_good_match
    assert not world.search("E-0x3F7").no_good_match


def test_pictures_have_to_stand_out_more_than_passages() -> None:
    assert line_of(TEXT, -0.5) == -0.5
    assert line_of(IMAGE, -0.5) == pytest.approx(-0.2)


def test_a_question_by_a_picture_or_an_item_is_not_judged(world: World) -> None:
    for i in range(40):
        world.add(picture_of(f"red car number{i}"), f"passage {i}")
    pictures = frozenset({IMAGE})
    asked = world.search(ContentPart(picture_of("spicy noodles")), modalities=pictures)
    assert asked.hits[0].parts[0].cosine < 0.4
    assert not asked.no_good_match
    both = world.search("spicy noodles", ContentPart(picture_of("spicy noodles"), 2.0))
    assert not both.no_good_match


def test_a_match_in_one_list_is_a_match_whatever_the_others_hold(make: MakeWorld) -> None:
    world = make(gap=1.0)
    for i in range(60):
        world.add(f"word{i} thing{i} other{i}", picture_of(f"shape{i} form{i} figure{i}"))
    assert world.search("old lighthouse").no_good_match
    world.add(picture_of("old lighthouse"))
    assert not world.search("old lighthouse").no_good_match


def test_the_line_is_a_setting(make: MakeWorld) -> None:
    strict, lax = (make(settings={"good_match": line}) for line in (50.0, -50.0))
    for world in (strict, lax):
        for i in range(40):
            world.add(f"passage{i} of words{i}")
    assert strict.search("passage7 unwritten").no_good_match
    assert not lax.search("zzqx").no_good_match
