"""HTML pages: the title and the text a reader sees, a line for each block."""

import re
from collections.abc import Iterator

from lxml import etree, html

from ingest.formats.html.lines import Lines
from ingest.formats.text.read import read_text
from ingest.parsed import File, Found
from samespace.core.content import Content
from samespace.core.errors import Unreadable

_UNSEEN = frozenset(
    """script style noscript template title iframe object embed video audio canvas datalist rt rtc rp
    defs metadata""".split()  # noqa: SIM905
)
"""Never shown, or only by programs that cannot show the thing itself; `rt` is the reading above a word. What else the
parser finds in the head belongs to a body that has no tag of its own."""
_INLINE = frozenset(
    """a abbr acronym area b bdi bdo big cite code data del dfn em font i ins kbd label map mark meter nobr
    output picture progress q rb rp rt rtc ruby s samp small source span strike strong sub sup time tt u var
    wbr""".split()  # noqa: SIM905
)
_SPACED = frozenset({"img", "input", "select", "option", "optgroup", "math", "svg"})
"""Within a line too, but never part of a word."""
_AS_WRITTEN = frozenset({"pre", "listing", "xmp", "plaintext", "textarea"})
_WITHOUT_VALUE = frozenset({"hidden", "password", "checkbox", "radio", "file", "color", "range"})
_WBR = re.compile(r"</?wbr\s{0,8}/?>", re.IGNORECASE)
"""A place where a word may be broken; the parser would nest whatever follows in it."""
_TOKENS = ("mi", "mn", "mo", "mtext", "ms")


def read(file: File) -> Iterator[Found]:
    """A page: its title, then its visible text; see `page_text`."""
    source, warnings = read_text(file.data, file.name, file.limits)
    yield Content.of_text(page_text(source, file.name))
    yield from warnings


def page_text(source: str, name: str) -> str:
    """The title of a page, then its visible text with blocks as lines; `pre` keeps its own lines.

    Alternative texts of pictures, chosen options and filled-in values are read; scripts, styles and what is
    marked as hidden are not. Unreadable if elements are nested so deeply that the parser would drop what lies below.
    """
    root = _root(source, name)
    if root is None:
        return ""
    lines = _Page(root).lines
    title = _title(root)
    if title and (not lines or lines[0] != title):
        lines = [title, "", *lines]
    return "\n".join(lines)


def _root(source: str, name: str) -> html.HtmlElement | None:
    parser = html.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True
    )
    try:
        root = html.document_fromstring(_WBR.sub("", source).encode(), parser=parser)
    except etree.ParserError:  # nothing but comments
        return None
    if any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log):
        raise Unreadable(f"{name} nests more than 2048 elements, the limit of the parser")
    return root


def _title(root: html.HtmlElement) -> str:
    """The page's, not that of a drawing in it."""
    titles = (each for each in root.iter("title") if each.getparent().tag in {"head", "body"})
    return " ".join("".join(next(titles, html.Element("title")).itertext()).split())


class _Page:
    """The lines of a page, found on one walk over its elements."""

    def __init__(self, root: html.HtmlElement) -> None:
        self._lines = Lines()
        self._drawings = 0
        self._as_written = [False]
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            if event == "end":
                self._leave(element)
            elif not self._enter(element):
                walk.skip_subtree()
        self.lines = self._lines.all()

    def _enter(self, element: html.HtmlElement) -> bool:
        """Begin an element; whether what it holds is to be read too."""
        self._border(element)
        style = _style(element)
        as_written = _is_as_written(element, style, default=self._as_written[-1])
        if as_written and not self._as_written[-1]:
            self._lines.begin_as_written()
        self._as_written.append(as_written)
        self._drawings += element.tag == "svg"
        if self._is_unseen(element, style):
            return False
        instead = _instead(element)
        if instead is not None:
            self._lines.words(f" {instead} ")
            return False
        self._text(element.text)
        return True

    def _leave(self, element: html.HtmlElement) -> None:
        self._as_written.pop()
        self._drawings -= element.tag == "svg"
        if element.tag != "br":
            self._border(element)
        self._text(element.tail)

    def _text(self, text: str | None) -> None:
        if text and self._as_written[-1]:
            self._lines.as_written(text)
        elif text:
            self._lines.words(text)

    def _border(self, element: html.HtmlElement) -> None:
        if element.tag in _SPACED or self._drawings:
            self._lines.words(" ")
        elif element.tag not in _INLINE:
            self._lines.end(keep=element.tag == "br" and self._as_written[-1])

    def _is_unseen(self, element: html.HtmlElement, style: dict[str, str]) -> bool:
        if element.tag == "title" and self._drawings:
            return False
        return element.tag in _UNSEEN or _is_hidden(element, style)


def _style(element: html.HtmlElement) -> dict[str, str]:
    rules = (rule.partition(":") for rule in (element.get("style") or "").lower().split(";"))
    return {key.strip(): words.replace("!important", "").strip() for key, _, words in rules}


def _is_hidden(element: html.HtmlElement, style: dict[str, str]) -> bool:
    """By itself; a whole page that is hidden is one that a script shows when it is loaded."""
    if element.tag in {"html", "body"}:
        return False
    if element.get("hidden", "until-found").lower() != "until-found":
        return True
    if element.tag == "dialog" and "open" not in element.attrib:
        return True
    is_out = style.get("visibility") in {"hidden", "collapse"}
    return is_out or style.get("display") == "none"


def _is_as_written(element: html.HtmlElement, style: dict[str, str], *, default: bool) -> bool:
    """Whether its spaces and line breaks are shown."""
    space = style.get("white-space", "")
    if space in {"normal", "nowrap"}:
        return False
    return default or element.tag in _AS_WRITTEN or space.startswith(("pre", "break-spaces"))


def _instead(element: html.HtmlElement) -> str | None:
    """What is read in place of what an element holds; None for what it holds itself."""
    match element.tag:
        case "img" | "area":
            return str(element.get("alt", ""))
        case "input":
            return _input(element)
        case "option":
            return None if "selected" in element.attrib else ""
        case "math":
            return _formula(element)
    return None


def _input(element: html.HtmlElement) -> str:
    kind = element.get("type", "text").lower()
    if kind in _WITHOUT_VALUE:
        return ""
    return str(element.get("alt" if kind == "image" else "value", ""))


def _formula(math: html.HtmlElement) -> str:
    """A formula as TeX, where the page has that, else its letters and signs."""
    if math.get("alttext"):
        return str(math.get("alttext"))
    notes = (each for each in math.iter("annotation") if "tex" in each.get("encoding", "").lower())
    note = next(notes, None)
    if note is not None:
        return note.text or ""
    return " ".join("".join((each.text or "").split()) for each in math.iter(*_TOKENS))
