"""Which drawings train, which choose the model, and which judge it; decided by hashes, never by chance.

Three judged splits: `style` is a vendor that never trains (its concepts do, in other styles), `concepts`
are emoji whose words no training caption holds, `folders` is clip art from folders held back whole.
"""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from recipes.starter import captions as cleaning
from recipes.starter.drawings import Drawing
from recipes.starter.emoji import is_flag

TRAIN, VALIDATION, STYLE, CONCEPTS, FOLDERS = "train", "validation", "style", "concepts", "folders"
JUDGED = (STYLE, CONCEPTS, FOLDERS)

HELD_VENDOR = "twemoji"
CONCEPT_SOURCES = ("noto", "fluent-3d", "fluent-flat")  # of `concepts` and `validation`
CLIPART_SOURCE = "openclipart"
SAID = 2  # captions that judge: the names; keywords ("rain") fit too many other pictures
FAMILY = 8  # emoji that share a word; more make it too general to hold back
FOLDER_SIZES = range(5, 140)  # pictures of a folder that can be held back
FLAGS_SHARE = 0.1  # of `style`

_NOT_HELD = re.compile("flags|icons|patterns|led")  # little to say about one of them
# Cut before these, the last word of an emoji's name is what it shows: "cat with tears of joy".
_TURN = re.compile(r",|\b(?:with|of|in|on|over|behind|from|under|and|holding|without|for|at)\b.*")
_GENERAL = cleaning.word_list("general")
_GENDER_SIGN = re.compile("-200d-264[02](-fe0f)?")
_GENDERED = re.compile(r"(?:wo)?m[ae]n\b")


@dataclass(frozen=True)
class Held:
    """What is kept out of training: words by split, and clip-art folders by split."""

    words: Mapping[str, str]
    folders: Mapping[str, str]

    def split_of_words(self, words: Iterable[str]) -> str:
        """The split that holds back one of the words, `concepts` before `validation`; "" if none."""
        found = {self.words[word] for word in words if word in self.words}
        return min(found, default="")


@dataclass(frozen=True)
class Sizes:
    """How much is held back: emoji concepts, and shares of the clip art (0 to 1)."""

    concepts: int = 200
    validation: int = 120
    folders: float = 0.26  # past 600 pictures
    folders_validation: float = 0.05


def held_back(drawings: Sequence[Drawing], sizes: Sizes | None = None) -> Held:
    """Draws the held-back words and folders from all drawings."""
    sizes = sizes or Sizes()
    return Held(_held_words(drawings, sizes), _held_folders(drawings, sizes))


def assigned(drawings: Sequence[Drawing], held: Held) -> list[tuple[Drawing, str]]:
    """The drawings with their split; those that may neither train nor judge are left out."""
    found = [(_said(cut, split), split) for d in drawings for cut, split in _placed(d, held)]
    kin = {_kin(drawing) for drawing, split in found if split in (CONCEPTS, VALIDATION)}
    found = [(d, s) for d, s in found if s != TRAIN or d.folder or _kin(d) not in kin]
    trained = {drawing.concept for drawing, split in found if split == TRAIN}
    seen = [(d, s) for d, s in found if s != STYLE or (d.concept in trained and _is_plain(d))]
    return _with_few_flags(seen)


def order(text: str) -> str:
    """A fixed, mixed order of texts: their SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()


def head_of(name: str) -> str:
    """The word of an emoji's name that says what it shows, in the singular."""
    found = cleaning.words(_TURN.sub("", name)) or cleaning.words(name)
    return cleaning.singular(found[-1]) if found else ""


def counts(rows: Iterable[tuple[Drawing, str]]) -> str:
    """Pictures by source and split, as a Markdown table."""
    made = Counter((drawing.source, split) for drawing, split in rows)
    sources = sorted({source for source, _ in made})
    lines = [
        "| source | " + " | ".join((TRAIN, VALIDATION, *JUDGED)) + " |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for source in sources:
        cells = [str(made[source, split]) for split in (TRAIN, VALIDATION, *JUDGED)]
        lines.append(f"| {source} | " + " | ".join(cells) + " |")
    sums = [sum(made[s, split] for s in sources) for split in (TRAIN, VALIDATION, *JUDGED)]
    return "\n".join([*lines, "| all | " + " | ".join(map(str, sums)) + " |"]) + "\n"


def _held_words(drawings: Sequence[Drawing], sizes: Sizes) -> dict[str, str]:
    told = {d.concept: d.captions for d in drawings if d.source in CONCEPT_SOURCES}
    families = defaultdict(set)
    for concept in told:
        for word in cleaning.stems(concept):
            families[word].add(concept)
    heads = {head_of(c) for c in told if not is_flag(c) and not _GENDERED.match(c)}
    fit = [w for w in heads - _GENERAL if len(w) > 2 and len(families[w]) <= FAMILY]
    held: dict[str, str] = {}
    taken: set[str] = set()
    limits = ((CONCEPTS, sizes.concepts), (VALIDATION, sizes.concepts + sizes.validation))
    for word in sorted(fit, key=order):
        split = next((name for name, most in limits if _plain_count(taken) < most), None)
        if split is None:
            break
        held[word] = split
        taken |= families[word]
    return held | _own_synonyms(held, told)


def _plain_count(concepts: Iterable[str]) -> int:
    return sum(not _GENDERED.match(concept) for concept in concepts)


def _own_synonyms(held: Mapping[str, str], told: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Single-word captions that only the held-back emoji of one split carry: "bunny" goes with "rabbit"."""
    carriers = defaultdict(set)
    for concept, captions in told.items():
        split = min((held[w] for w in cleaning.stems(concept) if w in held), default=TRAIN)
        for word in {word for caption in captions for word in cleaning.stems(caption)}:
            carriers[word].add(split)
    alone = {cleaning.singular(c) for said in told.values() for c in said if " " not in c}
    own = ((word, splits) for word, splits in carriers.items() if word in alone - held.keys())
    return {
        word: splits.pop()
        for word, splits in own
        if word not in _GENERAL and len(splits) == 1 and TRAIN not in splits
    }


def _held_folders(drawings: Sequence[Drawing], sizes: Sizes) -> dict[str, str]:
    found = Counter(d.folder for d in drawings if d.source == CLIPART_SOURCE)
    whole = sum(found.values())
    limits = ((FOLDERS, sizes.folders), (VALIDATION, sizes.folders + sizes.folders_validation))
    held: dict[str, str] = {}
    taken = 0
    fit = [f for f, n in found.items() if n in FOLDER_SIZES and not _NOT_HELD.search(f)]
    for folder in sorted(fit, key=order):
        split = next((name for name, most in limits if taken < most * whole), None)
        if split is None:
            break
        held[folder] = split
        taken += found[folder]
    return held


def _placed(drawing: Drawing, held: Held) -> list[tuple[Drawing, str]]:
    if drawing.source == HELD_VENDOR:
        return [(drawing, STYLE)]
    if drawing.folder in held.folders:
        return [(drawing, held.folders[drawing.folder])]
    if is_flag(drawing.concept):
        return [(drawing, TRAIN)]
    named = held.split_of_words(cleaning.stems(drawing.captions[0]))
    if named:
        fit = drawing.source in CONCEPT_SOURCES and _is_plain(drawing)
        return [(drawing, named)] if fit else []
    kept = tuple(c for c in drawing.captions if not held.split_of_words(cleaning.stems(c)))
    if drawing.folder and len(kept) < len(drawing.captions):
        return []  # a keyword of clip art says what is in the picture
    return [(replace(drawing, captions=kept), TRAIN)]


def _said(drawing: Drawing, split: str) -> Drawing:
    return drawing if split == TRAIN else replace(drawing, captions=drawing.captions[:SAID])


def _kin(drawing: Drawing) -> str:
    """One for an emoji and its gendered doubles: "merperson", "mermaid", "merman"."""
    return _GENDER_SIGN.sub("", drawing.file.stem)


def _is_plain(drawing: Drawing) -> bool:
    """Not one of the gendered doubles of a person, which only fill a gallery with near-equals."""
    return not _GENDERED.match(drawing.concept)


def _with_few_flags(rows: list[tuple[Drawing, str]]) -> list[tuple[Drawing, str]]:
    style = [d for d, split in rows if split == STYLE]
    flags = sorted((d.concept for d in style if is_flag(d.concept)), key=order)
    most = int((len(style) - len(flags)) * FLAGS_SHARE / (1 - FLAGS_SHARE))
    dropped = set(flags[most:])
    return [(d, split) for d, split in rows if split != STYLE or d.concept not in dropped]
