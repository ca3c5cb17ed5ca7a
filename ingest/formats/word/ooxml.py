"""Names in Office Open XML: one for each thing, in the usual ("transitional") and the strict form."""

from functools import lru_cache

from lxml import etree

_OPEN = "http://schemas.openxmlformats.org"
_STRICT = "http://purl.oclc.org/ooxml"
_PREFIXES = {
    f"{_OPEN}/wordprocessingml/2006/main": "w",
    f"{_STRICT}/wordprocessingml/main": "w",
    f"{_OPEN}/officeDocument/2006/math": "m",
    f"{_STRICT}/officeDocument/math": "m",
    f"{_OPEN}/drawingml/2006/main": "a",
    f"{_STRICT}/drawingml/main": "a",
    f"{_OPEN}/drawingml/2006/wordprocessingDrawing": "wp",
    f"{_STRICT}/drawingml/wordprocessingDrawing": "wp",
    f"{_OPEN}/drawingml/2006/chart": "c",
    f"{_STRICT}/drawingml/chart": "c",
    "http://schemas.microsoft.com/office/drawing/2014/chartex": "c",
    f"{_OPEN}/drawingml/2006/diagram": "dgm",
    f"{_STRICT}/drawingml/diagram": "dgm",
    f"{_OPEN}/markup-compatibility/2006": "mc",
    "urn:schemas-microsoft-com:vml": "v",
}
_OFF = frozenset({"0", "false", "off", "none"})


def name_of(element: etree._Element) -> str:
    """`w:p`, `m:oMath` and the like; "" for what is of no known vocabulary."""
    return _name(element.tag) if isinstance(element.tag, str) else ""


@lru_cache(maxsize=4096)
def _name(tag: str) -> str:
    space, _, local = tag[1:].rpartition("}")
    prefix = _PREFIXES.get(space)
    return f"{prefix}:{local}" if prefix else ""


def child(element: etree._Element | None, *path: str) -> etree._Element | None:
    """The first descendant by a path of names, or None."""
    for name in path:
        if element is None:
            return None
        element = next((each for each in element if name_of(each) == name), None)
    return element


def value(element: etree._Element | None, name: str = "val") -> str:
    """An attribute, whatever vocabulary it is of; "" if it is not there."""
    if element is None:
        return ""
    return next((text for key, text in element.items() if key.rpartition("}")[2] == name), "")


def number(element: etree._Element | None, default: int, most: int) -> int:
    """A value as a whole number from 0 to `most`."""
    text = value(element)
    return min(int(text), most) if text.isdecimal() and len(text) < 10 else default


def is_on(element: etree._Element | None) -> bool:
    """Whether a switch is there and not turned off."""
    return element is not None and value(element).lower() not in _OFF
