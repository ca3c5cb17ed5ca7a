"""What a text begins as: HTML, or a kind that is written in text but is none to a reader.

Every step goes on from where the last one ended: the time is that of reading the text once, whatever it holds.
"""

import re

_WHITE = re.compile(r"[\s\ufeff]*")
_NAME = re.compile(r"<(!doctype\s{1,9})?([a-z][a-z0-9:]{0,20})(?=[\s/>]|\Z)", re.IGNORECASE)
_SKIPPED = (("<!--", "-->"), ("<?xml", "?>"))
_LIKELY = frozenset({"html", "head", "body", "title", "meta"})
_POSTSCRIPT = ("%%", "showpage", "moveto", " def", "findfont")


def is_html(text: str, *, surely: bool) -> bool:
    """Whether a page begins here: by its doctype or root; unless it has to be sure, by what stands in a page first."""
    _, name, _ = _first_tag(text)
    return name == "html" or (not surely and name in _LIKELY)


def written_in_text(text: str, *, is_cut: bool) -> str | None:
    """The media type of a drawing, a page description or RTF that is all of this text; None for a text about one.

    `is_cut` where the text goes on, so that its end cannot tell.
    """
    end = text[-200:].rstrip("\0\x1a \t\r\n")
    is_one_tag = text.rfind("<") == text.find("<svg") and end.endswith("/>")
    if _is_svg(text) and (is_cut or is_one_tag or end.endswith("</svg>")):
        return "image/svg+xml"
    if text.startswith("{\\rtf") and text[5:6] in set("\\0123456789"):
        return "application/rtf" if is_cut or end.endswith("}") else None
    return "application/postscript" if _is_postscript(text) else None


def _is_svg(text: str) -> bool:
    doctype, name, at = _first_tag(text)
    if doctype and name == "svg":
        bracket, close = text.find("[", at), text.find(">", at)
        at = text.find("]>", bracket) + 2 if 0 <= bracket < close else close + 1
        _, name, _ = _first_tag(text, at)
    return name in {"svg", "svg:svg"}


def _is_postscript(text: str) -> bool:
    first, _, rest = text[: 1 << 16].partition("\n")
    is_marked = first.rstrip() == "%!PS" or first.startswith("%!PS-Adobe-")
    return is_marked and any(sign in rest for sign in _POSTSCRIPT)


def _first_tag(text: str, at: int = 0) -> tuple[bool, str, int]:
    """Whether it is a doctype, its name in small letters, and where it ends; no name where no tag comes first."""
    found = _NAME.match(text, _after_prologue(text, at))
    if found is None:
        return False, "", len(text)
    return found[1] is not None, found[2].lower(), found.end()


def _after_prologue(text: str, at: int) -> int:
    """Where something begins that is no white space, comment or declaration."""
    while True:
        found = _WHITE.match(text, at)
        at = found.end() if found else at
        skipped = next((pair for pair in _SKIPPED if text.startswith(pair[0], at)), None)
        end = text.find(skipped[1], at + len(skipped[0])) if skipped else -1
        if skipped is None or end < 0:
            return at
        at = end + len(skipped[1])
