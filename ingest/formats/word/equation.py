"""Equations of Word as one line of text, the way one would type them: `x=(a+b)/2`, `√(x^2+1)`."""

from lxml import etree

from ingest.formats.word.ooxml import child, name_of, value

_ROOTS_SIGN = "√"
_INTEGRAL = "∫"


def equation(element: etree._Element) -> str:
    """The text of an `m:oMath`; what is struck out by tracked changes is left out."""
    return "".join(_text(each) for each in element).strip()


def _text(element: etree._Element) -> str:
    name = name_of(element)
    if name in {"m:t", "w:t"}:
        return element.text or ""
    if name.endswith("Pr") or name in {"w:del", "w:moveFrom"}:
        return ""
    write = _WRITERS.get(name)
    return write(element) if write else equation(element)


def _part(element: etree._Element, name: str) -> str:
    part = child(element, name)
    return "" if part is None else equation(part)


def _closed(text: str) -> str:
    """In brackets, unless it is one number or letter."""
    return text if len(text) < 2 or text.isalnum() else f"({text})"


def _fraction(element: etree._Element) -> str:
    return f"{_closed(_part(element, 'm:num'))}/{_closed(_part(element, 'm:den'))}"


def _scripts(element: etree._Element) -> str:
    return _part(element, "m:e") + _bounds(element)


def _bounds(element: etree._Element) -> str:
    low, high = _part(element, "m:sub"), _part(element, "m:sup")
    return (f"_{_closed(low)}" if low else "") + (f"^{_closed(high)}" if high else "")


def _root(element: etree._Element) -> str:
    degree = _part(element, "m:deg")
    sign = f"{degree}{_ROOTS_SIGN}" if degree not in {"", "2"} else _ROOTS_SIGN
    return f"{sign}{_closed(_part(element, 'm:e'))}"


def _bracket(element: etree._Element) -> str:
    properties = child(element, "m:dPr")
    first, between, last = (
        default if (sign := child(properties, name)) is None else value(sign)
        for name, default in (("m:begChr", "("), ("m:sepChr", "|"), ("m:endChr", ")"))
    )
    inner = [equation(each) for each in element if name_of(each) == "m:e"]
    return f"{first}{between.join(inner)}{last}"


def _sum(element: etree._Element) -> str:
    sign = child(element, "m:naryPr", "m:chr")
    shown = _INTEGRAL if sign is None else value(sign)
    return f"{shown}{_bounds(element)} {_part(element, 'm:e')}"


def _function(element: etree._Element) -> str:
    return f"{_part(element, 'm:fName')} {_part(element, 'm:e')}"


def _lines(element: etree._Element) -> str:
    return "; ".join(_text(each) for each in element if name_of(each) in {"m:e", "m:mr"})


def _cells(element: etree._Element) -> str:
    return ", ".join(equation(each) for each in element if name_of(each) == "m:e")


_WRITERS = {
    "m:f": _fraction,
    "m:sSub": _scripts,
    "m:sSup": _scripts,
    "m:sSubSup": _scripts,
    "m:rad": _root,
    "m:d": _bracket,
    "m:nary": _sum,
    "m:func": _function,
    "m:limLow": lambda each: f"{_part(each, 'm:e')}_{_closed(_part(each, 'm:lim'))}",
    "m:limUpp": lambda each: f"{_part(each, 'm:e')}^{_closed(_part(each, 'm:lim'))}",
    "m:eqArr": _lines,
    "m:m": _lines,
    "m:mr": _cells,
}
