"""`samespace eval --encoder`: an encoder judged in this process, without a server."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PIL.Image import Image

from ingest.formats.picture.read import read_picture
from samespace.cli.commands.evaluate_wishes import Wishes
from samespace.cli.terminal.progress import reporting_progress
from samespace.core.settings import Settings
from samespace.core.types import IMAGE, Vectors
from samespace.encoders.load import Encoders
from samespace.encoders.spaces import spaces_of
from samespace.learn.evaluate.directions import DIRECTIONS
from samespace.learn.evaluate.report import Classes, Direction, Report
from samespace.learn.evaluate.space import encode_pairs, judge_directions, judge_zero_shot
from samespace.learn.pairs import Pair, read_pairs
from search.labels import Label, LabelSet, encode_labels
from search.spaces import SpaceEncoder


def judge_encoder(preset: str, wishes: Wishes, settings: Settings) -> Report:
    """Each space of a preset or model on the pairs of a file; raises what reading and loading raise."""
    spaces = spaces_of(preset)
    pairs = read_pairs(wishes.file, wishes.max_bad, group_column=wishes.group_column)
    encoders = Encoders(settings)
    try:
        judged = [
            judge_space(encoders.get(space), pairs.good, wishes, settings) for space in spaces
        ]
        fingerprints = {space.name: encoders.get(space).fingerprint for space in spaces}
    finally:
        encoders.close()
    return Report(
        subject=f"encoder {preset}",
        file=str(wishes.file),
        seed=wishes.seed,
        fingerprints=fingerprints,
        good_rows=len(pairs.good),
        bad_rows=pairs.bad,
        directions=tuple(each for directions, _ in judged for each in directions),
        zero_shot=tuple(classes for _, classes in judged),
    )


def judge_space(
    encoder: SpaceEncoder, pairs: Sequence[Pair], wishes: Wishes, settings: Settings
) -> tuple[list[Direction], Classes]:
    """The wanted directions and the zero-shot classification in one space."""
    with reporting_progress() as report:
        encoded = encode_pairs(pairs, encoder, opener(settings.max_pixels), report)
    name, wanted = encoder.space.name, wishes.directions or DIRECTIONS
    classes = encode_classes(encoder, wishes.templates)
    return (
        judge_directions(name, encoded, pairs, wanted, wishes.seed),
        judge_zero_shot(name, encoded, pairs, classes, wishes.seed),
    )


def encode_classes(
    encoder: SpaceEncoder, templates: tuple[str, ...] | None
) -> Callable[[Sequence[str]], Vectors]:
    """Encodes class names as `samespace classify` does, with its templates or these."""

    def encode(names: Sequence[str]) -> Vectors:
        labels = LabelSet(tuple(map(Label, names)), templates)
        return encode_labels(labels, IMAGE, encoder, interactive=False)

    return encode


def opener(max_pixels: int) -> Callable[[Path], Image]:
    """Opens a picture as it is opened for a collection; Unreadable."""
    return lambda path: read_picture(path.read_bytes(), max_pixels, str(path))
