"""The shipped tower against ConSE on pictures that training and choosing never saw, in one run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL.Image import Image

from samespace.core.content import of_images, of_texts
from samespace.core.types import Vectors
from samespace.learn.evaluate.bootstrap import Interval, Paired, interval, paired_interval
from samespace.learn.evaluate.directions import distinct_captions, judge, tasks_of
from samespace.learn.evaluate.measures import MEASURES
from samespace.learn.pairs import Pair
from samespace.learn.progress import ProgressCallback
from samespace.learn.training.pictures import open_on_white

if TYPE_CHECKING:
    from recipes.starter.conse import ConseTower
    from samespace.encoders.base import Encoder

AT_ONCE = 32
SEED = 0

Encode = Callable[[Sequence[Image]], Vectors]


@dataclass(frozen=True)
class Compared:
    """One measure of one direction on one set: the new tower, the old one, and the one against the other."""

    name: str
    direction: str
    measure: str
    queries: int
    gallery: int
    new: Interval
    old: Interval
    against: Paired

    def as_dict(self) -> dict[str, Any]:
        """The comparison as JSON has it."""
        return asdict(self)


def compare(
    sets: Mapping[str, Sequence[Pair]],
    encoder: "Encoder",
    teacher: "ConseTower",
    report: ProgressCallback,
) -> list[Compared]:
    """Every measure of every direction that a set can be asked in, with paired 95% intervals."""
    compared = []
    for name, pairs in sets.items():
        texts = encoder.encode(of_texts(distinct_captions(pairs)))
        new = _rows(pairs, partial(_encode, encoder), f"{name}: new", report)
        old = _rows(pairs, teacher.encode, f"{name}: ConSE", report)
        compared += _set(name, pairs, judge(new, texts, pairs), judge(old, texts, pairs))
    return compared


def _encode(encoder: "Encoder", images: Sequence[Image]) -> Vectors:
    return encoder.encode(of_images(images))


def _rows(pairs: Sequence[Pair], encode: Encode, doing: str, report: ProgressCallback) -> Vectors:
    parts = []
    for start in range(0, len(pairs), AT_ONCE):
        some = pairs[start : start + AT_ONCE]
        parts.append(encode([open_on_white(pair.path) for pair in some]))
        report(doing, start + len(some), len(pairs))
    return np.concatenate(parts)


def _set(
    name: str,
    pairs: Sequence[Pair],
    new: Mapping[str, Mapping[str, Any]],
    old: Mapping[str, Mapping[str, Any]],
) -> list[Compared]:
    return [
        Compared(
            name,
            task.direction,
            measure,
            len(task.queries),
            task.gallery,
            interval(new[task.direction][measure], SEED, task.clusters),
            interval(old[task.direction][measure], SEED, task.clusters),
            paired_interval(
                new[task.direction][measure], old[task.direction][measure], SEED, task.clusters
            ),
        )
        for task in tasks_of(pairs)
        if task.direction in new and task.direction != "text->text"
        for measure in MEASURES
    ]


def table(compared: Sequence[Compared], measure: str) -> str:
    """The comparisons of one measure as a Markdown table."""
    lines = [
        "| pictures | direction | queries | gallery | ConSE | starter | ratio | difference |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {c.name} | {c.direction} | {c.queries} | {c.gallery} | {shown(c.old)} | {shown(c.new)} "
        f"| {shown(c.against.ratio, 2)} | {shown(c.against.difference)} |"
        for c in compared
        if c.measure == measure
    ]
    return "\n".join(lines) + "\n"


def shown(known: Interval, digits: int = 3) -> str:
    """A value with its interval."""
    return f"{known.value:.{digits}f} [{known.low:.{digits}f}, {known.high:.{digits}f}]"
