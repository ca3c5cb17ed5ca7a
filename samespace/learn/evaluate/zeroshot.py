"""Zero-shot classification judged: pictures against the names of their groups."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from samespace.core.types import Vectors
from samespace.learn.evaluate.measures import Values
from samespace.learn.pairs import Pair


@dataclass(frozen=True)
class ZeroShot:
    """What became of each picture with a group: `correct` 1 or 0, shape (n,), and which got what.

    `confusion[i, j]` counts pictures of class i that were taken for class j, in the order of `classes`.
    """

    classes: tuple[str, ...]
    correct: Values
    confusion: NDArray[np.intp]

    def most_confused(self, most: int) -> list[tuple[str, str, int]]:
        """The pairs (is, taken for, how often) that were confused most, the worst first."""
        wrong = self.confusion.copy()
        np.fill_diagonal(wrong, 0)
        order = np.argsort(-wrong, axis=None, kind="stable")[:most]
        return [
            (self.classes[i], self.classes[j], int(wrong[i, j]))
            for i, j in zip(*np.unravel_index(order, wrong.shape), strict=True)
            if wrong[i, j]
        ]


def classes_of(pairs: Sequence[Pair]) -> tuple[str, ...]:
    """The groups of the pairs, sorted; each is a class."""
    return tuple(sorted({pair.group for pair in pairs if pair.group}))


def judge_classes(picture_rows: Vectors, class_rows: Vectors, pairs: Sequence[Pair]) -> ZeroShot:
    """Each picture's nearest class by cosine against its group; pictures without a group are left out.

    `class_rows` are (classes, dim) unit rows in the order of `classes_of(pairs)`.
    """
    asked = [i for i, pair in enumerate(pairs) if pair.group]
    taken = np.argmax(picture_rows[asked] @ class_rows.T, axis=1)
    return tally([pairs[i].group for i in asked], taken, classes_of(pairs))


def tally(groups: Sequence[str], taken: NDArray[np.intp], classes: tuple[str, ...]) -> ZeroShot:
    """The groups of some pictures against the classes they were taken for, by number, shape (n,)."""
    numbers = {name: i for i, name in enumerate(classes)}
    true = np.array([numbers[group] for group in groups], dtype=np.intp)
    confusion = np.zeros((len(classes), len(classes)), dtype=np.intp)
    np.add.at(confusion, (true, taken), 1)
    return ZeroShot(classes, (true == taken).astype(np.float64), confusion)
