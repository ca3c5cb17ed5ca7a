"""Pairs parted into those that are learned from and those that are held back."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from samespace.core.errors import InvalidRequest
from samespace.learn.align.run import TRAIN, VALIDATION
from samespace.learn.pairs import Pair

FEWEST = 2


def divide(pairs: Sequence[Pair], share: float) -> list[Pair]:
    """The pairs of splits `train` and `validation`; those without a split are divided between the two.

    Where some are of split `validation` already, the others are learned from. Else about `share` of
    the pictures is held back, chosen by a hash of what they show: equal first captions are never parted,
    nor pictures of one group, unless every group is larger than that share. Raises InvalidRequest where
    a split would have fewer than two pairs.
    """
    wanted = [pair for pair in pairs if pair.split in {"", TRAIN, VALIDATION}]
    held_back = _held_back(wanted, share)
    made = [
        replace(pair, split=pair.split or (VALIDATION if number in held_back else TRAIN))
        for number, pair in enumerate(wanted)
    ]
    for split in (TRAIN, VALIDATION):
        if (count := sum(pair.split == split for pair in made)) < FEWEST:
            raise InvalidRequest(
                f"split {split} has {count} of {len(pairs)} pairs, must have at least {FEWEST}: add pairs, "
                "or say in a column named split which are of train and which of validation"
            )
    return made


def _held_back(pairs: Sequence[Pair], share: float) -> set[int]:
    """Families in the order of their hashes, as many as fit into the share."""
    if any(pair.split == VALIDATION for pair in pairs):
        return set()
    groupless = [replace(pair, group="") for pair in pairs]
    # Groups that are too large to be held back ("photo", "drawing") say nothing of what a picture shows.
    return _that_fit(pairs, share) or _that_fit(groupless, share)


def _that_fit(pairs: Sequence[Pair], share: float) -> set[int]:
    room = max(FEWEST, round(share * len(pairs)))
    chosen: set[int] = set()
    for family in sorted(_families(pairs), key=lambda family: _hash(pairs, family)):
        if len(chosen) + len(family) <= room and not any(pairs[i].split for i in family):
            chosen.update(family)
    return chosen


def _families(pairs: Sequence[Pair]) -> list[list[int]]:
    """The pairs that share a group or a first caption, straight or by way of others."""
    first_of: dict[tuple[str, str], int] = {}
    head = list(range(len(pairs)))

    def find(at: int) -> int:
        while head[at] != at:
            at = head[at]
        return at

    for number, pair in enumerate(pairs):
        for key in _keys(pair):
            one, other = find(number), find(first_of.setdefault(key, number))
            head[max(one, other)] = min(one, other)
    families: defaultdict[int, list[int]] = defaultdict(list)
    for number in range(len(pairs)):
        families[find(number)].append(number)
    return list(families.values())


def _keys(pair: Pair) -> list[tuple[str, str]]:
    keys = [("caption", pair.captions[0].casefold())]
    return [*keys, ("group", pair.group.casefold())] if pair.group else keys


def _hash(pairs: Sequence[Pair], family: Sequence[int]) -> bytes:
    """The least hash of what its pairs are known by: the same whatever the order of the rows."""
    names = (pairs[number].group or pairs[number].captions[0] for number in family)
    return min(hashlib.sha256(name.casefold().encode()).digest() for name in names)
