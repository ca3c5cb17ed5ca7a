"""The text of one part of a Word document (its body, a header, its footnotes) as people read it."""

from collections import Counter
from collections.abc import Callable, Mapping

from lxml import etree

from ingest.formats.word.equation import equation
from ingest.formats.word.numbering import Numbering, written
from ingest.formats.word.ooxml import child, is_on, name_of, number, value

_MOST_COLUMNS = 63
_SOFT_HYPHEN = "\xad"
_SIGNS = {
    "w:br": "\n",
    "w:cr": "\n",
    "w:tab": "\t",
    "w:ptab": "\t",
    "w:noBreakHyphen": "-",
}
_UNSEEN = frozenset(
    """w:pPr w:rPr w:sectPr w:tblPr w:tblGrid w:trPr w:tcPr w:sdtPr w:customXmlPr w:del w:moveFrom w:rt
    w:fldData""".split()  # noqa: SIM905
)
"""Properties, what was struck out or moved away, and the reading that stands above a word."""
_SYMBOLS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "αβχδεφγηιϕκλμνοπθρστυϖωξψζΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ",
)
"""What the font Symbol shows for letters."""


class Story:
    """Reads parts one after the other; numbers, notes and what is lost are counted over all of them.

    `lost` counts what has no text that can be read, by the word for one of it. `notes` are the ids
    of footnotes and endnotes in the order in which the text refers to them.
    """

    def __init__(self, numbering: Numbering) -> None:
        self.lost: Counter[str] = Counter()
        self.notes: dict[str, list[str]] = {"footnote": [], "endnote": []}
        self.diagrams: list[str] = []
        self._numbering = numbering
        self._pieces: list[str] = []
        self._beside: list[str] = []
        self._cells: list[str] | None = None
        self._is_within = False

    def read(self, root: etree._Element) -> str:
        """The text: a line for each paragraph and each row of a table, the cells of a row divided by tabs.

        Text boxes and descriptions of pictures follow the paragraph that they belong to.
        """
        self._pieces, self._beside, self._cells, self._is_within = [], [], None, False
        self._below(root)
        return "".join([*self._pieces, *self._beside])

    def _below(self, element: etree._Element) -> None:
        for each in element:
            name = name_of(each)
            if name in _UNSEEN:
                continue
            if name in _SIGNS:
                self._pieces.append(_SIGNS[name])
                continue
            handle = _HANDLERS.get(name)
            if handle:
                handle(self, each)
            else:
                self._below(each)

    def _text(self, element: etree._Element) -> None:
        self._pieces.append((element.text or "").replace(_SOFT_HYPHEN, ""))

    def _run(self, run: etree._Element) -> None:
        if not is_on(child(run, "w:rPr", "w:vanish")):
            self._below(run)

    def _apart(self, element: etree._Element) -> tuple[str, list[str]]:
        """The text below an element, and what stands beside it."""
        pieces, beside = self._pieces, self._beside
        self._pieces, self._beside = [], []
        self._below(element)
        found = "".join(self._pieces), self._beside
        self._pieces, self._beside = pieces, beside
        return found

    def _paragraph(self, paragraph: etree._Element) -> None:
        properties = child(paragraph, "w:pPr")
        text, beside = self._apart(paragraph)
        joins_next = _is_struck(child(properties, "w:rPr"))
        number = "" if joins_next and not text else self._numbering.label(properties)
        if number and text.strip():
            text = f"{number} {text}"
        is_line = not joins_next and (text.strip() or not beside)
        self._pieces.append(f"{text}\n" if is_line or (text and beside) else text)
        self._pieces.extend(beside)

    def _row(self, row: etree._Element) -> None:
        properties = child(row, "w:trPr")
        if child(properties, "w:del") is not None:
            return
        if self._cells is not None:  # a table within a cell
            self._below(row)
            return
        self._cells = [""] * number(child(properties, "w:gridBefore"), 0, _MOST_COLUMNS)
        self._below(row)
        self._pieces.append("\t".join(self._cells).rstrip("\t") + "\n")
        self._cells = None

    def _cell(self, cell: etree._Element) -> None:
        """A cell of a row; one over several columns leaves the others empty, so that the rest keep theirs."""
        properties = child(cell, "w:tcPr")
        if child(properties, "w:cellDel") is not None:
            return
        if self._cells is None or self._is_within:
            self._below(cell)
            self._pieces.append(" ")
            return
        self._is_within = True
        text, beside = self._apart(cell)
        self._is_within = False
        self._cells.append(" ".join("".join([text, *beside]).split()))
        columns = number(child(properties, "w:gridSpan"), 1, _MOST_COLUMNS)
        self._cells.extend([""] * (columns - 1))

    def _drawing(self, drawing: etree._Element) -> None:
        text, beside = self._apart(drawing)
        whole = "".join([text, *beside]).strip("\n")
        if whole:
            self._beside.append(f"{whole}\n")

    def _choose(self, alternatives: etree._Element) -> None:
        """The same thing in several ways, for newer and older programs: the first is read."""
        chosen = child(alternatives, "mc:Choice")
        self._below(alternatives if chosen is None else chosen)

    def _equation(self, element: etree._Element) -> None:
        self._pieces.append(equation(element))

    def _line(self, paragraph: etree._Element) -> None:
        """A paragraph of a drawing."""
        self._below(paragraph)
        self._pieces.append("\n")

    def _described(self, properties: etree._Element) -> None:
        if value(properties, "hidden") not in {"1", "true"}:
            self._pieces.append(_line_of(value(properties, "descr")))

    def _shape(self, shape: etree._Element) -> None:
        self._pieces.append(_line_of(value(shape, "alt")))
        self._below(shape)

    def _word_art(self, path: etree._Element) -> None:
        self._pieces.append(_line_of(value(path, "string")))

    def _symbol(self, symbol: etree._Element) -> None:
        code = value(symbol, "char")
        shown = _shown(code, value(symbol, "font"))
        if shown:
            self._pieces.append(shown)
        else:
            self.lost["symbol"] += 1

    def _choice(self, choices: etree._Element) -> None:
        """What a drop-down field shows."""
        entries = [value(each) for each in choices if name_of(each) == "w:listEntry"]
        chosen = number(child(choices, "w:result"), 0, 1000)
        self._pieces.extend(entries[chosen : chosen + 1])

    def _note(self, reference: etree._Element) -> None:
        kind = name_of(reference).removeprefix("w:").removesuffix("Reference")
        self.notes[kind].append(value(reference, "id"))
        if not is_on_attribute(reference, "customMarkFollows"):
            self._pieces.append(mark_of(kind, len(self.notes[kind])))

    def _diagram(self, link: etree._Element) -> None:
        self.diagrams.append(value(link, "dm"))


def _losing(what: str) -> Callable[[Story, etree._Element], None]:
    """Counts one that has no text that can be read."""

    def count(story: Story, _: etree._Element) -> None:
        story.lost[what] += 1

    return count


_HANDLERS: Mapping[str, Callable[[Story, etree._Element], None]] = {
    "w:t": Story._text,
    "w:r": Story._run,
    "w:p": Story._paragraph,
    "w:tr": Story._row,
    "w:tc": Story._cell,
    "w:drawing": Story._drawing,
    "w:pict": Story._drawing,
    "w:object": _losing("embedded object"),
    "w:sym": Story._symbol,
    "w:ddList": Story._choice,
    "w:footnoteReference": Story._note,
    "w:endnoteReference": Story._note,
    "w:altChunk": _losing("inserted file"),
    "w:subDoc": _losing("inserted file"),
    "m:oMath": Story._equation,
    "mc:AlternateContent": Story._choose,
    "wp:docPr": Story._described,
    "a:t": Story._text,
    "a:p": Story._line,
    "a:blip": _losing("picture"),
    "c:chart": _losing("chart"),
    "dgm:relIds": Story._diagram,
    "v:shape": Story._shape,
    "v:imagedata": _losing("picture"),
    "v:textpath": Story._word_art,
}


def mark_of(kind: str, count: int) -> str:
    """What stands in the text where it refers to a note: [1] for a footnote, [i] for an endnote."""
    return f"[{written(count, 'decimal' if kind == 'footnote' else 'lowerRoman')}]"


def is_on_attribute(element: etree._Element, name: str) -> bool:
    """Whether a switch among the attributes is there and not turned off."""
    return value(element, name).lower() not in {"", "0", "false", "off"}


def _is_struck(properties: etree._Element | None) -> bool:
    """Whether a paragraph's end was deleted or moved away, so that the next one goes on its line."""
    struck = (child(properties, name) for name in ("w:del", "w:moveFrom"))
    return any(each is not None for each in struck)


def _line_of(text: str) -> str:
    words = " ".join(text.split())
    return f"{words}\n" if words else ""


def _shown(code: str, font: str) -> str:
    """The letter that a symbol of a font stands for; "" where it is a sign of that font alone."""
    try:
        point = int(code[:8], 16)
    except ValueError:
        return ""
    if font == "Symbol" and 0xF000 <= point < 0xF080:
        return chr(point - 0xF000).translate(_SYMBOLS)
    is_private = 0xE000 <= point < 0xF900
    return "" if is_private or point > 0x10FFFF or 0xD800 <= point < 0xE000 else chr(point)
