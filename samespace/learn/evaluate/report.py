"""What a judgement says, as frozen rows that become JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from samespace.learn.evaluate.bootstrap import Clusters, Interval, interval
from samespace.learn.evaluate.directions import Task
from samespace.learn.evaluate.measures import Values
from samespace.learn.evaluate.zeroshot import ZeroShot
from samespace.learn.tables import BadRow

_MOST_CONFUSED = 10


@dataclass(frozen=True)
class Direction:
    """One direction in one space ("" for a whole collection): its measures, or why it is absent."""

    space: str
    direction: str
    queries: int
    gallery: int
    measures: Mapping[str, Interval]
    absent: str = ""


@dataclass(frozen=True)
class Classes:
    """Zero-shot classification in one space: `confusion[i][j]` counts class i taken for class j."""

    space: str
    queries: int
    top1: Interval | None
    classes: tuple[str, ...]
    confusion: list[list[int]]
    most_confused: list[tuple[str, str, int]]
    absent: str = ""


@dataclass(frozen=True)
class Found:
    """The share of true nearest items that the index found, for one kind of query and of item."""

    space: str
    direction: str
    queries: int
    items: int
    share: Interval | None
    absent: str = ""


@dataclass(frozen=True)
class Report:
    """Everything about one judgement of `subject` ("encoder starter") on the rows of `file`."""

    subject: str
    file: str
    seed: int
    fingerprints: Mapping[str, str]
    good_rows: int
    bad_rows: tuple[BadRow, ...]
    directions: tuple[Direction, ...]
    zero_shot: tuple[Classes, ...]
    index: tuple[Found, ...] = ()

    def as_object(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return asdict(self)


def direction_of(
    space: str, task: Task, values: Mapping[str, Values] | None, seed: int
) -> Direction:
    """The report of one direction from its values for each query; None: the space lacks a modality."""
    if values is None:
        reason = task.absent or f"space {space!r} takes no pictures"
        return Direction(space, task.direction, 0, task.gallery, {}, reason)
    measures = intervals(values, seed, task.clusters)
    return Direction(space, task.direction, len(task.queries), task.gallery, measures)


def intervals(
    values: Mapping[str, Values], seed: int, clusters: Clusters | None = None
) -> dict[str, Interval]:
    """Each measure's mean with its interval."""
    return {name: interval(some, seed, clusters) for name, some in values.items()}


def classes_report(space: str, judged: ZeroShot, seed: int) -> Classes:
    """The report of a zero-shot classification."""
    return Classes(
        space,
        len(judged.correct),
        interval(judged.correct, seed),
        judged.classes,
        judged.confusion.tolist(),
        judged.most_confused(_MOST_CONFUSED),
    )


def no_classes(space: str, reason: str) -> Classes:
    """Why there is no zero-shot classification."""
    return Classes(space, 0, None, (), [], [], reason)
