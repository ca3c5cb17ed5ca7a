"""One encoder judged on pairs: everything it can be asked, encoded once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL.Image import Image

from samespace.core.types import IMAGE, Vectors
from samespace.learn.evaluate.directions import Task, distinct_captions, judge, tasks_of
from samespace.learn.evaluate.encode import Encodes, encode_pictures, encode_texts
from samespace.learn.evaluate.report import (
    Classes,
    Direction,
    classes_report,
    direction_of,
    no_classes,
)
from samespace.learn.evaluate.zeroshot import classes_of, judge_classes
from samespace.learn.pairs import Pair
from samespace.learn.progress import ProgressCallback, counting

EncodeClasses = Callable[[Sequence[str]], Vectors]
"""Class names to (n, dim) unit rows."""


@dataclass(frozen=True)
class Encoded:
    """The pairs in one space: (pairs, dim) pictures, None where it takes none; (captions, dim) captions
    as what is found, and as queries."""

    pictures: Vectors | None
    captions: Vectors
    queries: Vectors


def encode_pairs(
    pairs: Sequence[Pair],
    encoder: Encodes,
    open_picture: Callable[[Path], Image],
    report: ProgressCallback,
) -> Encoded:
    """The rows of all pictures and of `distinct_captions(pairs)`."""
    space, texts = encoder.space, distinct_captions(pairs)
    captions = encode_texts(
        texts, encoder, space.passage_prompt, counting(report, "encoding captions", len(texts))
    )
    queries = captions
    if space.query_prompt != space.passage_prompt:
        queries = encode_texts(
            texts, encoder, space.query_prompt, counting(report, "encoding queries", len(texts))
        )
    pictures = None
    if IMAGE in space.modalities:
        paths = [pair.path for pair in pairs]
        pictures = encode_pictures(
            paths, encoder, open_picture, counting(report, "encoding pictures", len(paths))
        )
    return Encoded(pictures, captions, queries)


def judge_directions(
    space: str, encoded: Encoded, pairs: Sequence[Pair], wanted: Sequence[str], seed: int
) -> list[Direction]:
    """The wanted directions in one space, absent ones with the reason."""
    judged = judge(encoded.pictures, encoded.captions, pairs, encoded.queries)
    tasks: list[Task] = [task for task in tasks_of(pairs) if task.direction in wanted]
    return [direction_of(space, task, judged.get(task.direction), seed) for task in tasks]


def judge_zero_shot(
    space: str,
    encoded: Encoded,
    pairs: Sequence[Pair],
    encode_classes: EncodeClasses,
    seed: int,
) -> Classes:
    """Zero-shot classification of the pictures into their groups, or why there is none."""
    classes = classes_of(pairs)
    if encoded.pictures is None:
        return no_classes(space, f"space {space!r} takes no pictures")
    if len(classes) < 2:
        return no_classes(space, f"the rows name {len(classes)} groups; at least 2 are needed")
    judged = judge_classes(encoded.pictures, encode_classes(classes), pairs)
    return classes_report(space, judged, seed)
