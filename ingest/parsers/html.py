"""HTML pages: the title and the text a reader sees, a line for each block."""

from collections.abc import Iterator

from lxml import etree, html

from ingest.parsed import Limits, Parsed, Text
from ingest.parsers.text import read_text
from samespace.core.errors import Unreadable

_UNSEEN = frozenset(
    {"script", "style", "noscript", "template", "svg", "math", "head", "iframe", "object", "select"}
)
_INLINE = frozenset(
    """a abbr acronym b bdi bdo big cite code data del dfn em font i img input ins kbd label mark
    q ruby rp rt s samp small span strike strong sub sup time tt u var wbr""".split()  # noqa: SIM905
)


def read(data: bytes, name: str, limits: Limits) -> Parsed:
    """A page: its title, then its visible text with blocks as lines; scripts and styles dropped.

    Unreadable if elements are nested so deeply that the parser would drop what lies below.
    """
    source, warnings = read_text(data, name, limits)
    if not source.strip():
        return Parsed(warnings=warnings)
    parser = html.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True
    )
    root = html.document_fromstring(source.encode(), parser=parser)
    if any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log):
        raise Unreadable(f"{name} nests more than 2048 elements, the limit of the parser")
    title = " ".join((root.findtext(".//title") or "").split())
    lines = _lines("".join(_pieces(root)))
    if title and (not lines or lines[0] != title):
        lines = [title, "", *lines]
    return Parsed(texts=(Text("\n".join(lines)),), warnings=warnings)


def _pieces(root: html.HtmlElement) -> Iterator[str]:
    """Texts in document order, a newline at each border of a block; runs of white space closed up."""
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        border = "" if element.tag in _INLINE else "\n"
        if event == "start":
            yield border
            if element.tag in _UNSEEN:
                walk.skip_subtree()
            else:
                yield _closed_up(element.text)
        else:
            yield border
            yield _closed_up(element.tail)


def _closed_up(text: str | None) -> str:
    if not text:
        return ""
    core = " ".join(text.split())
    if not core:
        return " "
    return f"{' ' * text[0].isspace()}{core}{' ' * text[-1].isspace()}"


def _lines(text: str) -> list[str]:
    return [line for line in (" ".join(line.split()) for line in text.split("\n")) if line]
