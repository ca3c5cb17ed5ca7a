"""What is held back, and that nothing it shows is learned from."""

from pathlib import Path

import pytest

from samespace.core.errors import InvalidRequest
from samespace.learn.align.divide import divide
from samespace.learn.pairs import Pair


def pair(name: str, caption: str, group: str = "", split: str = "") -> Pair:
    return Pair(Path(name), (caption, "a thing"), group, split=split)


MANY = [
    pair(f"{n}-{copy}.png", f"Thing {n}" if copy else f"thing {n}")
    for n in range(50)
    for copy in (0, 1)
]


def held_back(pairs: list[Pair]) -> set[str]:
    return {each.path.name for each in pairs if each.split == "validation"}


def test_about_the_share_is_held_back_whatever_the_order() -> None:
    chosen = held_back(divide(MANY, 0.2))
    assert len(chosen) == 20
    assert held_back(divide(MANY[::-1], 0.2)) == chosen


def test_equal_captions_are_not_parted() -> None:
    chosen = held_back(divide(MANY, 0.2))
    assert {f"{name.split('-')[0]}-{copy}.png" for name in chosen for copy in (0, 1)} == chosen


def test_pictures_of_a_group_are_not_parted_even_by_way_of_captions() -> None:
    chain = [
        pair("a", "a frog", "frog"),
        pair("b", "green", "frog"),
        pair("c", "green", "leaf"),
        pair("d", "a leaf", "leaf"),
    ]
    for share in (0.05, 0.1, 0.2, 0.4):
        chosen = held_back(divide([*MANY, *chain], share))
        assert len(chosen & set("abcd")) in {0, 4}


def test_given_splits_stay() -> None:
    given = [
        pair("t", "thing 1", split="train"),
        pair("j", "judged", split="photographs"),
        *MANY,
    ]
    divided = {each.path.name: each.split for each in divide(given, 0.3)}
    assert "j" not in divided
    assert (divided["t"], divided["1-0.png"], divided["1-1.png"]) == ("train",) * 3
    assert "validation" in divided.values()
    ours = [*MANY, pair("v", "one", split="validation"), pair("w", "two", split="validation")]
    assert held_back(divide(ours, 0.3)) == {"v", "w"}


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([pair("a", "one"), pair("b", "two"), pair("c", "three")], "split train has 1 of 3 pairs"),
        ([pair(str(n), "all the same") for n in range(9)], "split validation has 0 of 9 pairs"),
        ([pair("a", "one", split="other")], "split train has 0 of 1 pairs"),
    ],
)
def test_too_few_pairs_are_named(pairs: list[Pair], said: str) -> None:
    with pytest.raises(InvalidRequest, match=f"{said}, must have at least 2"):
        divide(pairs, 0.1)


def test_groups_too_large_to_hold_back_are_parted() -> None:
    kinds = ["photo", "drawing"]
    pairs = [Pair(Path(f"{i}.png"), (f"thing {i}",), kinds[i % 2]) for i in range(40)]
    made = divide(pairs, 0.1)
    assert sum(pair.split == "validation" for pair in made) == 4
    assert [pair.group for pair in made] == [pair.group for pair in pairs]
