"""Pictures: the drawings that the starter's packages hold; asked for by the names of what they show.

Questions with an answer are the names of drawings that no training saw. All drawings of one topic are left
out and asked for all the same. Emoji with other skin tones, of which many are alike, fill the largest collection.
"""

import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.no_match.material import Material, Question, kept
from benchmarks.no_match.questions import ELSEWHERE, UNWRITTEN
from recipes.starter import captions, emoji, manifest, packages, recipe
from recipes.starter.drawings import Drawing, settle
from recipes.starter.splits import JUDGED, order
from samespace.core.content import of_images
from samespace.core.types import IMAGE, Vectors
from samespace.encoders.base import Encoder
from samespace.learn.training.pictures import open_on_white

QUESTIONS = 600
# emojibase's groups of emoji.
TOPICS = {"animals": 3, "food": 4}
_AT_ONCE = 64
_TONE = re.compile("-?1f3f[b-f]")


@dataclass(frozen=True)
class _Picture:
    path: Path
    name: str
    words: frozenset[str]
    split: str


def drawings(cache: Path, encoder: Encoder, topic: str) -> Material:
    """Every drawing there is but those of the topic, and 600 questions with an answer."""
    if not (cache / manifest.PAIRS_FILE).exists():
        manifest.build(cache)
    names = _names_of(cache, TOPICS[topic])
    telling = frozenset().union(*map(captions.stems, names)) - captions.word_list("general")
    pictures = [p for p in _pictures(cache) if not p.words & telling and p.name not in names]
    places = defaultdict(set)
    for place, picture in enumerate(pictures):
        places[picture.name].add(place)
    judged = {p.name for p in pictures if p.split in JUDGED}
    paths = [str(picture.path.relative_to(cache)) for picture in pictures]
    return Material(
        "words to pictures",
        IMAGE,
        [""] * len(pictures),
        kept(cache / "no_match", "drawings", paths, lambda: _encode(encoder, pictures)),
        [Question(n, frozenset(places[n])) for n in sorted(judged, key=order)][:QUESTIONS],
        {
            "a topic that was left out": [Question(name) for name in sorted(names)],
            "another field": [Question(text) for text in ELSEWHERE],
            "words nobody wrote": [Question(text) for text in UNWRITTEN],
        },
    )


def _names_of(cache: Path, group: int) -> frozenset[str]:
    listed = emoji._emojibase(cache, "en/data.json")
    return frozenset(
        emoji.natural_name(entry["label"]).lower()
        for entry in listed
        if entry.get("group") == group
    )


def _pictures(cache: Path) -> Iterator[_Picture]:
    splits = {pair.path: pair.split for pair in recipe.pairs_of(cache)}
    for drawing in manifest._drawings(cache):
        path = cache / "pictures" / drawing.source / drawing.folder / f"{drawing.file.stem}.png"
        if path.exists():
            yield _picture(drawing, path, splits.get(path, ""))
    for drawing in _toned(cache):
        path = cache / "no_match" / "toned" / drawing.source / f"{drawing.file.stem}.png"
        if settle(drawing, path):
            yield _picture(drawing, path, "")


def _picture(drawing: Drawing, path: Path, split: str) -> _Picture:
    words = frozenset().union(*map(captions.stems, drawing.captions))
    folders = frozenset(map(captions.singular, re.split("[/_ -]", drawing.folder)))
    return _Picture(path, drawing.captions[0].lower(), words | folders, split)


def _toned(cache: Path) -> Iterator[Drawing]:
    """The emoji with skin tones, under the words of those without."""
    said = emoji._captions(cache)
    for source, package, below in emoji.VENDORS:
        for file in sorted((packages.unpacked(cache, package) / "package" / below).iterdir()):
            plain = _TONE.sub("", emoji._key(file.stem))
            if plain != emoji._key(file.stem) and plain in said:
                yield Drawing(file, said[plain], said[plain][0].lower(), source)


def _encode(encoder: Encoder, pictures: list[_Picture]) -> Vectors:
    rows = []
    for start in range(0, len(pictures), _AT_ONCE):
        some = pictures[start : start + _AT_ONCE]
        rows.append(encoder.encode(of_images([open_on_white(picture.path) for picture in some])))
        print(f"{start} of {len(pictures)} pictures", end="\r", file=sys.stderr, flush=True)
    return np.concatenate(rows)
