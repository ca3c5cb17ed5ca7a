"""From nothing to `pairs.jsonl`: fetch, draw at training size, split, and drop what is there twice."""

import hashlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from recipes.starter import captions as cleaning
from recipes.starter import clipart, emoji, packages, splits, tango
from recipes.starter.drawings import Drawing, difference_hash, settle
from samespace.learn.pairs import Pair, write_pairs
from samespace.learn.progress import ProgressCallback, silent

PAIRS_FILE = "pairs.jsonl"
NOTES_FILE = "DATA.md"
NEAR_BITS = 4  # of 64: pictures that differ in no more, and share a word, may be the same picture


@dataclass(frozen=True)
class Made:
    """A drawing at training size: where it lies, and what its pixels are known by."""

    drawing: Drawing
    path: Path
    pixels: str
    outline: int


def build(cache: Path, report: ProgressCallback = silent) -> Path:
    """Writes `pairs.jsonl` and `DATA.md` (licences and counts) into the cache folder, from nothing.

    Goes on where a stopped run was. Raises Unavailable if a package cannot be had.
    """
    packages.fetch(cache)
    made = list(_once(_made(cache, list(_drawings(cache)), report)))
    drawings = [each.drawing for each in made]
    by_file = {each.drawing.file: each for each in made}
    placed = splits.assigned(drawings, splits.held_back(drawings))
    rows = _apart([(by_file[drawing.file], drawing, split) for drawing, split in placed])
    write_pairs(cache / PAIRS_FILE, (_pair(*row) for row in rows))
    counts = splits.counts((drawing, split) for _, drawing, split in rows)
    (cache / NOTES_FILE).write_text(packages.licence_table() + "\n" + counts)
    return cache / PAIRS_FILE


def _drawings(cache: Path) -> Iterator[Drawing]:
    yield from emoji.drawings(cache)
    yield from tango.drawings(cache)
    yield from clipart.drawings(cache, emoji.vocabulary(cache))


def _made(cache: Path, drawings: Sequence[Drawing], report: ProgressCallback) -> Iterator[Made]:
    for at, drawing in enumerate(drawings):
        report("drawing pictures at training size", at + 1, len(drawings))
        path = cache / "pictures" / drawing.source / drawing.folder / f"{drawing.file.stem}.png"
        if settle(drawing, path):
            with Image.open(path) as picture:
                pixels, outline = _pixels(picture), difference_hash(picture.convert("RGBA"))
            yield Made(drawing, path, pixels, outline)


def _pixels(picture: Image.Image) -> str:
    small = picture.convert("RGBA").resize((24, 24), Image.Resampling.BOX)
    return hashlib.sha256(small.tobytes()).hexdigest()


def _once(made: Iterable[Made]) -> Iterator[Made]:
    """Without pictures that the same source has already given."""
    seen = set()
    for each in made:
        key = (each.drawing.source, each.pixels)
        if key not in seen:
            seen.add(key)
            yield each


def _apart(rows: Sequence[tuple[Made, Drawing, str]]) -> list[tuple[Made, Drawing, str]]:
    """Without the training pictures that look like a held-back picture and share a word with it."""
    judged = [(made, drawing) for made, drawing, split in rows if split != splits.TRAIN]
    outlines = np.array([made.outline for made, _ in judged], dtype=np.uint64)
    said = [_said(drawing) for _, drawing in judged]
    kept = []
    for made, drawing, split in rows:
        if split == splits.TRAIN and judged:
            near = np.bitwise_count(outlines ^ np.uint64(made.outline)) <= NEAR_BITS
            if any(said[at] & _said(drawing) for at in np.flatnonzero(near)):
                continue
        kept.append((made, drawing, split))
    return kept


def _said(drawing: Drawing) -> set[object]:
    """The captions as sets of words, and the telling words of the name."""
    telling = cleaning.stems(drawing.captions[0]) - cleaning.word_list("general")
    return {*telling, *(cleaning.stems(caption) for caption in drawing.captions)}


def _pair(made: Made, drawing: Drawing, split: str) -> Pair:
    return Pair(made.path, drawing.captions, drawing.concept, drawing.source, split)


if __name__ == "__main__":
    where = Path(sys.argv[1]) if len(sys.argv) > 1 else packages.default_cache()
    sys.stdout.write(f"{build(where)}\n")
