"""The automatic numbers of Word: "2.1", "§ 3", "(b)" stand in no paragraph, they are counted."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from ingest.formats.word.ooxml import child, is_on, name_of, number, value

_LEVELS = 9
_LONGEST_CHAIN = 20
_MOST = 10**6
_PLACE = re.compile("%([1-9])")
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l")),
    *((40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_MOST_ROMAN = 4000
_MOST_LETTERS = 26 * 20
_HAN = "〇一二三四五六七八九"
_HAN_FORMATS = frozenset(
    """chineseCounting chineseCountingThousand taiwaneseCounting taiwaneseCountingThousand
    japaneseCounting ideographDigital""".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class _Level:
    start: int = 1
    format: str = "decimal"
    text: str = ""
    style: str = ""
    is_decimal: bool = False
    restarts: bool = True


@dataclass(frozen=True, slots=True)
class _Style:
    base: str
    num: str
    level: int | None


@dataclass(slots=True)
class _List:
    levels: Mapping[int, _Level]
    counts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """What is written before the paragraphs of one document, asked for in their order."""

    def __init__(self, numbering: etree._Element | None, styles: etree._Element | None) -> None:
        self._styles = _read_styles(styles)
        self._nums = {value(num, "numId"): num for num in _each(numbering, "w:num")}
        self._lists: dict[str, _List] = {}
        self._links: dict[str, str] = {}
        for abstract in _each(numbering, "w:abstractNum"):
            name = value(abstract, "abstractNumId")
            self._lists[name] = _List(_levels(abstract))
            self._links[name] = value(child(abstract, "w:numStyleLink"))
        self._begun: set[str] = set()

    def label(self, properties: etree._Element | None) -> str:
        """The number of the next paragraph, by its `w:pPr`; "" for a bullet or none."""
        num, depth = self._place(properties)
        found = self._list(num)
        if found is None:
            return ""
        self._begin(num, found)
        depth = self._depth(found, depth, value(child(properties, "w:pStyle")))
        level = found.levels.get(depth, _Level())
        found.counts[depth] = min(found.counts.get(depth, level.start - 1) + 1, _MOST)
        for deeper in [each for each in found.counts if each > depth]:
            if found.levels.get(deeper, level).restarts:
                del found.counts[deeper]
        if level.format == "bullet":
            return ""
        return _PLACE.sub(lambda place: _written(found, int(place[1]) - 1, level), level.text)

    def _place(self, properties: etree._Element | None) -> tuple[str, int | None]:
        """The list and the level, said by the paragraph itself or by its style."""
        own = child(properties, "w:numPr")
        num, level = value(child(own, "w:numId")), _depth_of(own)
        name = value(child(properties, "w:pStyle"))
        for _ in range(_LONGEST_CHAIN):
            style = self._styles.get(name)
            if style is None:
                break
            num = num or style.num
            level = style.level if level is None else level
            name = style.base
        return num, level

    def _list(self, num: str) -> _List | None:
        """The list that counts; a list may point to the style that names the true one."""
        if num not in self._nums or num == "0":
            return None
        abstract = value(child(self._nums[num], "w:abstractNumId"))
        link = self._styles.get(self._links.get(abstract, ""))
        if link is not None and link.num in self._nums:
            abstract = value(child(self._nums[link.num], "w:abstractNumId"))
        return self._lists.get(abstract)

    def _begin(self, num: str, found: _List) -> None:
        """Lists made of the same one count on together, but for those that say where they start."""
        if num in self._begun:
            return
        self._begun.add(num)
        for override in _each(self._nums[num], "w:lvlOverride"):
            depth = _number_of(override, "ilvl")
            start = child(override, "w:startOverride")
            if start is not None and depth is not None:
                found.counts[depth] = number(start, 1, _MOST) - 1
            new = child(override, "w:lvl")
            if new is not None and depth is not None:
                found.levels = {**found.levels, depth: _level(new)}

    @staticmethod
    def _depth(found: _List, depth: int | None, style: str) -> int:
        if depth is not None:
            return depth
        by_style = (each for each, level in found.levels.items() if style and level.style == style)
        return next(by_style, 0)


def _read_styles(styles: etree._Element | None) -> dict[str, _Style]:
    found = {}
    for style in _each(styles, "w:style"):
        numbers = child(style, "w:pPr", "w:numPr")
        found[value(style, "styleId")] = _Style(
            value(child(style, "w:basedOn")),
            value(child(numbers, "w:numId")),
            _depth_of(numbers),
        )
    return found


def _levels(abstract: etree._Element) -> dict[int, _Level]:
    depths = ((_number_of(level, "ilvl"), level) for level in _each(abstract, "w:lvl"))
    return {depth: _level(level) for depth, level in depths if depth is not None}


def _level(level: etree._Element) -> _Level:
    return _Level(
        start=number(child(level, "w:start"), 1, _MOST),
        format=value(child(level, "w:numFmt")) or "decimal",
        text=value(child(level, "w:lvlText"))[:100],
        style=value(child(level, "w:pStyle")),
        is_decimal=is_on(child(level, "w:isLgl")),
        restarts=value(child(level, "w:lvlRestart")) != "0",
    )


def _each(element: etree._Element | None, name: str) -> list[etree._Element]:
    return [] if element is None else [each for each in element if name_of(each) == name]


def _depth_of(numbers: etree._Element | None) -> int | None:
    level = child(numbers, "w:ilvl")
    return None if level is None else number(level, 0, _LEVELS - 1)


def _number_of(element: etree._Element, name: str) -> int | None:
    text = value(element, name)
    return int(text) if text in {str(depth) for depth in range(_LEVELS)} else None


def _written(found: _List, depth: int, of: _Level) -> str:
    level = found.levels.get(depth, _Level())
    count = found.counts.get(depth, level.start)
    return written(count, "decimal" if of.is_decimal else level.format)


def written(count: int, kind: str) -> str:
    """A number as a list of this kind shows it; plain digits for kinds that are not known."""
    if kind in _HAN_FORMATS and 0 < count < 100:
        return _han(count)
    if kind in {"lowerRoman", "upperRoman"} and 0 < count < _MOST_ROMAN:
        roman = _roman(count)
        return roman.upper() if kind == "upperRoman" else roman
    if kind in {"lowerLetter", "upperLetter"} and 0 < count < _MOST_LETTERS:
        letters = chr(ord("a") + (count - 1) % 26) * (1 + (count - 1) // 26)
        return letters.upper() if kind == "upperLetter" else letters
    if kind == "decimalZero":
        return f"{count:02}"
    if kind == "ordinal":
        return f"{count}{_ending(count)}"
    return "" if kind in {"none", "bullet"} else str(count)


def _roman(count: int) -> str:
    text = ""
    for size, letters in _ROMAN:
        text += letters * (count // size)
        count %= size
    return text


def _han(count: int) -> str:
    tens, ones = divmod(count, 10)
    if not tens:
        return _HAN[ones]
    return f"{_HAN[tens] if tens > 1 else ''}十{_HAN[ones] if ones else ''}"


def _ending(count: int) -> str:
    if count % 100 in {11, 12, 13}:
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")
