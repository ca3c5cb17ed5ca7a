"""`samespace eval --encoder`: an encoder judged in this process, without a server."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PIL.Image import Image

from ingest.parsers.picture import read_picture
from samespace.cli.progress import Progress, Show, showing_progress
from samespace.core.settings import Settings
from samespace.core.types import Modality, Vectors
from samespace.encoders.load import Encoders
from samespace.encoders.presets import spaces_of
from samespace.learn.evaluate.directions import DIRECTIONS
from samespace.learn.evaluate.report import Report
from samespace.learn.evaluate.space import encode_pairs, judge_directions, judge_zero_shot
from samespace.learn.pairs import read_pairs
from search.labels import Label, LabelSet, encode_labels
from search.spaces import SpaceEncoder


def judge_encoder(
    file: Path,
    preset: str,
    *,
    settings: Settings,
    directions: Sequence[str] | None,
    group_column: str,
    templates: Sequence[str] | None,
    max_bad: float,
    seed: int,
) -> Report:
    """Each space of a preset or model on the pairs of a file; raises what reading and loading raise."""
    spaces = spaces_of(preset)
    pairs = read_pairs(file, max_bad, group_column=group_column)
    encoders = Encoders(settings)
    judged, classified, fingerprints = [], [], {}
    try:
        for space in spaces:
            encoder = encoders.get(space)
            with showing_progress() as show:
                encoded = encode_pairs(
                    pairs.good, encoder, opener(settings.max_pixels), telling(show)
                )
            fingerprints[space.name] = encoder.fingerprint
            judged += judge_directions(
                space.name, encoded, pairs.good, directions or DIRECTIONS, seed
            )
            class_encoder = encode_classes(encoder, templates)
            classified.append(judge_zero_shot(space.name, encoded, pairs.good, class_encoder, seed))
    finally:
        encoders.close()
    return Report(
        subject=f"encoder {preset}",
        file=str(file),
        seed=seed,
        fingerprints=fingerprints,
        good_rows=len(pairs.good),
        bad_rows=pairs.bad,
        directions=tuple(judged),
        zero_shot=tuple(classified),
    )


def encode_classes(
    encoder: SpaceEncoder, templates: Sequence[str] | None
) -> Callable[[Sequence[str]], Vectors]:
    """Encodes class names as `samespace classify` does, with its templates or these."""

    def encode(names: Sequence[str]) -> Vectors:
        chosen = None if templates is None else tuple(templates)
        labels = LabelSet(tuple(map(Label, names)), chosen)
        return encode_labels(labels, Modality.IMAGE, encoder, interactive=False)

    return encode


def opener(max_pixels: int) -> Callable[[Path], Image]:
    """Opens a picture as it is opened for a collection; Unreadable."""
    return lambda path: read_picture(path.read_bytes(), max_pixels, str(path))


def telling(show: Show) -> Callable[[str, int, int], None]:
    """Shows progress."""
    return lambda doing, done, total: show(Progress(doing, done, total))
