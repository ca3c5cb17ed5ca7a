"""Emoji drawings of four vendors and the words for them."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samespace.learn.starter import captions as cleaning
from samespace.learn.starter import packages
from samespace.learn.starter.drawings import Drawing

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


def _captions(cache: Path) -> dict[str, tuple[str, ...]]:
    """Captions by code points, the name first."""
    listed = [
        e for e in _emojibase(cache, "en/data.json") if e.get("group") not in (None, _COMPONENT)
    ]
    said = _said(cache, listed)
    carried = Counter(tag for entry in said.values() for tag in set(entry.tags))
    return {key: _chosen(entry, carried) for key, entry in said.items()}


def _said(cache: Path, listed: Sequence[Mapping[str, Any]]) -> dict[str, _Words]:
    british = {e["hexcode"]: e["label"] for e in _emojibase(cache, "en-gb/data.json")}
    codes = [_emojibase(cache, f"en/shortcodes/{name}.json") for name in _SHORT_CODES]
    library = packages.unpacked(cache, packages.EMOJILIB) / "package/dist/emoji-en-US.json"
    keywords = {k.replace("\ufe0f", ""): v for k, v in json.loads(library.read_text()).items()}
    said = {}
    for entry in listed:
        code = entry["hexcode"]
        label = natural_name(entry["label"])
        spoken = [label, natural_name(british.get(code, label))]
        if not is_flag(label):
            spoken += [name for book in codes for name in _spoken(book.get(code))]
        ours = [t for t in entry.get("tags", ()) if _speaks(t)]
        more = [t for t in keywords.get(entry["emoji"].replace("\ufe0f", ""), ())[1:] if _speaks(t)]
        both = [t for t in ours if t in more]
        spoken = [label, *(name for name in spoken[1:] if _adds(name, label))]
        said[_key(code)] = _Words(tuple(spoken), tuple(dict.fromkeys([*both, *ours, *more])))
    return said


def _chosen(entry: _Words, carried: Counter[str]) -> tuple[str, ...]:
    """Names first, then the tags that few other emoji carry."""
    if is_flag(entry.names[0]):
        place = entry.names[0].removeprefix("flag of ")
        return (entry.names[0], f"{place} flag")
    known = {stem for name in entry.names[:1] for stem in cleaning.stems(name)}
    tags = [
        t for t in entry.tags if carried[t] <= SHARED_BY_MOST and cleaning.singular(t) not in known
    ]
    return cleaning.distinct([*entry.names, *tags])


def natural_name(label: str) -> str:
    """The label of an emoji as one would say it: "flag: Chad" is "flag of Chad"."""
    label = cleaning.plain(label).replace("“", "").replace("”", "")
    if label.startswith("flag: "):
        return "flag of " + label.removeprefix("flag: ")
    if label.startswith("keycap: "):
        return "keycap " + label.removeprefix("keycap: ")
    if label.endswith(("thirty", "o'clock")):
        return f"clock showing {label}"
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


def _key(code: str) -> str:
    """Code points as vendors name files, without the variation selector, which they use differently."""
    return "-".join(part for part in code.lower().split("-") if part != "fe0f")


def _emojibase(cache: Path, name: str) -> Any:
    folder = packages.unpacked(cache, packages.EMOJIBASE) / "package"
    return json.loads((folder / name).read_text())
