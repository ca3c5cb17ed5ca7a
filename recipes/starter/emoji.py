"""Emoji drawings of four vendors and the words for them."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recipes.starter import captions as cleaning
from recipes.starter import packages
from recipes.starter.drawings import Drawing

ENOUGH = 3  # captions; only with fewer do emojilib's own keywords, which anyone may add, come in
SHARED_BY_MOST = 15  # a tag that more emoji carry says too little about each
FLAGLESS = ("fluent-flat", "fluent-modern")  # their flags are those of fluent-3d again
VENDORS = (
    ("noto", packages.NOTO, "img/google/64"),
    ("twemoji", packages.TWEMOJI, "img/twitter/64"),
    ("fluent-3d", packages.FLUENT_3D, "assets"),
    ("fluent-flat", packages.FLUENT_FLAT, "assets"),
    ("fluent-modern", packages.FLUENT_MODERN, "assets"),
)

_COMPONENT = 2  # emojibase group: skin tones and hair on their own
_SHORT_CODES = ("cldr", "joypixels", "github", "iamcal", "emojibase")
_SAID = re.compile(r"[a-z]+(?:[ '-][a-z]+)*")
_JUNK = cleaning.word_list("junk")


@dataclass(frozen=True)
class _Words:
    names: tuple[str, ...]
    tags: tuple[str, ...]
    more: tuple[str, ...]


def drawings(cache: Path) -> Iterator[Drawing]:
    """The drawings of all base emoji (no skin tones, no components) that have words, vendor by vendor."""
    said = _captions(cache)
    for source, package, below in VENDORS:
        folder = packages.unpacked(cache, package) / "package" / below
        for file in sorted(folder.iterdir()):
            found = said.get(_key(file.stem))
            if not found or (is_flag(found[0]) and source in FLAGLESS):
                continue
            if file.suffix in (".png", ".webp", ".svg"):
                yield Drawing(file, found, found[0].lower(), source)


def is_flag(concept: str) -> bool:
    """Whether an emoji of this name is the flag of some place."""
    return concept.startswith("flag of ")


def vocabulary(cache: Path) -> frozenset[str]:
    """All words that are said of emoji, in the singular."""
    said = (text for e in _said(cache).values() for text in (*e.names, *e.tags, *e.more))
    return frozenset(word for text in said for word in cleaning.stems(text))


def _captions(cache: Path) -> dict[str, tuple[str, ...]]:
    """Captions by code points, the name first."""
    said = _said(cache)
    carried = Counter(tag for entry in said.values() for tag in {*entry.tags, *entry.more})
    return {key: _chosen(entry, carried) for key, entry in said.items()}


def _said(cache: Path) -> dict[str, _Words]:
    listed = _emojibase(cache, "en/data.json")
    base = [entry for entry in listed if entry.get("group") not in (None, _COMPONENT)]
    british = {e["hexcode"]: e["label"] for e in _emojibase(cache, "en-gb/data.json")}
    books = [_emojibase(cache, f"en/shortcodes/{name}.json") for name in _SHORT_CODES]
    library = packages.unpacked(cache, packages.EMOJILIB) / "package/dist/emoji-en-US.json"
    keywords = {_bare(sign): said for sign, said in json.loads(library.read_text()).items()}
    said = {}
    for entry in base:
        code, label = entry["hexcode"], natural_name(entry["label"])
        others = [natural_name(british.get(code, label))]
        others += [name for book in books for name in _spoken(book.get(code))]
        ours = [tag for tag in entry.get("tags", ()) if _speaks(tag)]
        more = [tag for tag in keywords.get(_bare(entry["emoji"]), ())[1:] if _speaks(tag)]
        said[_key(code)] = _Words(
            names=(label, *(name for name in others if _adds(name, label))),
            tags=(*(t for t in ours if t in more), *(t for t in ours if t not in more)),
            more=tuple(more),
        )
    return said


def _chosen(entry: _Words, carried: Mapping[str, int]) -> tuple[str, ...]:
    """Names first, then the tags that few other emoji carry, those of both sources first."""
    label = entry.names[0]
    if is_flag(label):
        return (label, f"{label.removeprefix('flag of ')} flag")
    known = cleaning.stems(label)
    chosen = cleaning.distinct([*entry.names, *_telling(entry.tags, known, carried)])
    if len(chosen) >= ENOUGH:
        return chosen
    return cleaning.distinct([*chosen, *_telling(entry.more, known, carried)], most=ENOUGH)


def _telling(
    tags: Sequence[str], known: frozenset[str], carried: Mapping[str, int]
) -> Iterator[str]:
    for tag in tags:
        if carried[tag] <= SHARED_BY_MOST and cleaning.singular(tag) not in known:
            yield tag


def natural_name(label: str) -> str:
    """The label of an emoji as one would say it: "flag: Chad" is "flag of Chad"."""
    label = cleaning.plain(label).replace("“", "").replace("”", "")
    if label.startswith("flag: "):
        return "flag of " + label.removeprefix("flag: ")
    if label.startswith("keycap: "):
        return "keycap " + label.removeprefix("keycap: ")
    if label.endswith(("thirty", "o'clock")):
        return f"clock showing {label.replace('-', ' ')}"
    return label.replace(": ", ", ").replace("-", " ").replace("&", "and")


def _adds(name: str, label: str) -> bool:
    """Whether another name is more than the same words shuffled: "mobile phone arrow"."""
    return " " not in name or not cleaning.stems(name) <= cleaning.stems(label)


def _spoken(codes: str | list[str] | None) -> Iterator[str]:
    """The short codes that are words: no abbreviations, numbers or gender suffixes."""
    for code in [codes] if isinstance(codes, str) else codes or ():
        name = code.replace("_", " ").replace("-", " ")
        if _speaks(name) and len(name) > 3:
            yield name


def _speaks(tag: str) -> bool:
    return (
        len(tag) > 2
        and not tag.endswith("-square")
        and tag not in _JUNK
        and bool(_SAID.fullmatch(tag))
    )


def _bare(sign: str) -> str:
    return sign.replace("\N{VARIATION SELECTOR-16}", "")


def _key(code: str) -> str:
    """Code points as vendors name files, without the variation selector, which they use differently."""
    return "-".join(part for part in code.lower().split("-") if part != "fe0f")


def _emojibase(cache: Path, name: str) -> Any:
    folder = packages.unpacked(cache, packages.EMOJIBASE) / "package"
    return json.loads((folder / name).read_text())
