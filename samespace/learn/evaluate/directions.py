"""Pairs judged in four directions: text->image, image->text, image->image, text->text.

What is right: for a caption, every picture that carries it (capitals do not count); for a picture, each
of its captions; among pictures, and among captions, those of the same group, or of the same picture
where no group is given. A query that is itself in the gallery is left out of it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samespace.core.types import Vectors
from samespace.learn.evaluate.measures import Values, measure, rank
from samespace.learn.pairs import Pair

TEXT_TO_IMAGE = "text->image"
IMAGE_TO_TEXT = "image->text"
IMAGE_TO_IMAGE = "image->image"
TEXT_TO_TEXT = "text->text"
DIRECTIONS = (TEXT_TO_IMAGE, IMAGE_TO_TEXT, IMAGE_TO_IMAGE, TEXT_TO_TEXT)

_AMONG_THEMSELVES = {IMAGE_TO_IMAGE, TEXT_TO_TEXT}
_NOTHING_TO_ASK = {
    IMAGE_TO_IMAGE: "no two pictures are of one group",
    TEXT_TO_TEXT: "no two captions are of one picture or group",
}


@dataclass(frozen=True)
class Task:
    """One direction: which rows ask, and for each the rows it belongs with, perhaps itself among them.

    Groups may be large, so their members share one set; `right` leaves a query itself out. `clusters`
    says for each query which picture it comes from, for `bootstrap`; `gallery` counts what can be
    answered; `absent` is the reason why nothing can be asked, else "".
    """

    direction: str
    queries: NDArray[np.intp]
    alike: tuple[frozenset[int], ...]
    clusters: NDArray[np.intp]
    gallery: int
    absent: str = ""

    @property
    def leaves_itself_out(self) -> bool:
        """Whether queries stand in their own gallery."""
        return self.direction in _AMONG_THEMSELVES

    def right(self) -> Iterator[frozenset[int]]:
        """For each query the rows that are right."""
        for query, rows in zip(self.queries.tolist(), self.alike, strict=True):
            yield rows - {query} if self.leaves_itself_out else rows


def distinct_captions(pairs: Sequence[Pair]) -> tuple[str, ...]:
    """The captions of all pairs, each once (capitals do not count), in order of appearance."""
    spellings: dict[str, str] = {}
    for pair in pairs:
        for caption in pair.captions:
            spellings.setdefault(caption.casefold(), caption)
    return tuple(spellings.values())


def tasks_of(pairs: Sequence[Pair]) -> tuple[Task, ...]:
    """The four directions, in the order of DIRECTIONS; pictures are numbered as the pairs are, captions
    as `distinct_captions` has them."""
    numbers = {text.casefold(): i for i, text in enumerate(distinct_captions(pairs))}
    captions_of = [frozenset(numbers[text.casefold()] for text in pair.captions) for pair in pairs]
    pictures_of = _inverted(captions_of, len(numbers))
    families = _families(pairs)
    pictures, first = list(range(len(pairs))), [min(some) for some in pictures_of]
    like_pictures = _alike(families, [frozenset({i}) for i in pictures])
    like_captions = _alike(families, captions_of)
    return (
        _task(TEXT_TO_IMAGE, pictures_of, first, len(pictures)),
        _task(IMAGE_TO_TEXT, captions_of, pictures, len(numbers)),
        _task(IMAGE_TO_IMAGE, like_pictures, pictures, len(pictures)),
        _task(TEXT_TO_TEXT, like_captions, first, len(numbers)),
    )


def judge(
    picture_rows: Vectors | None,
    caption_rows: Vectors,
    pairs: Sequence[Pair],
    query_rows: Vectors | None = None,
) -> dict[str, dict[str, Values]]:
    """Each measure of `measures.MEASURES` for each query of each direction that has any.

    `picture_rows` are (len(pairs), dim) unit rows, None for an encoder that takes no pictures;
    `caption_rows` are those of `distinct_captions(pairs)`, and `query_rows` the same captions as
    queries, for encoders that put other words before a query. The order of the queries depends on the
    pairs alone, so that two encoders can be compared with `bootstrap.paired_interval`.
    """
    asked = caption_rows if query_rows is None else query_rows
    sides = {
        TEXT_TO_IMAGE: (asked, picture_rows),
        IMAGE_TO_TEXT: (picture_rows, caption_rows),
        IMAGE_TO_IMAGE: (picture_rows, picture_rows),
        TEXT_TO_TEXT: (asked, caption_rows),
    }
    judged = {}
    for task in tasks_of(pairs):
        queries, gallery = sides[task.direction]
        if not task.absent and queries is not None and gallery is not None:
            left_out = task.queries if task.leaves_itself_out else None
            ranked = rank(queries[task.queries], gallery, leave_out=left_out)
            judged[task.direction] = measure(ranked, task.right())
    return judged


def _task(
    direction: str, alike: Sequence[frozenset[int]], clusters: Sequence[int], gallery: int
) -> Task:
    itself = direction in _AMONG_THEMSELVES
    asking = [i for i, rows in enumerate(alike) if len(rows) > itself]
    return Task(
        direction,
        np.array(asking, dtype=np.intp),
        tuple(alike[i] for i in asking),
        np.array([clusters[i] for i in asking], dtype=np.intp),
        gallery,
        "" if asking else _NOTHING_TO_ASK.get(direction, "there are no pairs"),
    )


def _families(pairs: Sequence[Pair]) -> list[int]:
    """For each picture the number of its group, or one of its own."""
    numbers: dict[str | int, int] = {}
    return [numbers.setdefault(pair.group or i, len(numbers)) for i, pair in enumerate(pairs)]


def _alike(families: Sequence[int], things_of: Sequence[frozenset[int]]) -> list[frozenset[int]]:
    """For each thing of the pictures all that a picture of the same family has, itself included."""
    members: defaultdict[int, set[int]] = defaultdict(set)
    families_of: defaultdict[int, set[int]] = defaultdict(set)
    for family, things in zip(families, things_of, strict=True):
        members[family] |= things
        for thing in things:
            families_of[thing].add(family)
    shared = {family: frozenset(things) for family, things in members.items()}
    return [
        shared[min(some)] if len(some) == 1 else frozenset().union(*(shared[one] for one in some))
        for _, some in sorted(families_of.items())
    ]


def _inverted(numbers_of: Sequence[Iterable[int]], size: int) -> list[frozenset[int]]:
    found: list[set[int]] = [set() for _ in range(size)]
    for i, numbers in enumerate(numbers_of):
        for number in numbers:
            found[number].add(i)
    return [frozenset(some) for some in found]
