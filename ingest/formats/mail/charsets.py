"""Bytes with a declared charset, which may be wrong, unknown or too narrow."""

import codecs

_WIDER = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
}
"""What programs mean by a charset is often the wider one of the same name."""
_MULTIBYTE = frozenset(
    {"utf-8", "utf-7", "utf-16", "utf-32", "gb18030", "cp932", "big5", "euc_jp", "euc_kr", "hz"}
)
_NO_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"})


def as_declared(data: bytes, charset: str) -> str | None:
    """The text, None if the charset is unknown or does not fit.

    Bytes that are UTF-8 beyond ASCII are UTF-8, if a charset of single bytes was declared: that they fit by
    chance hardly happens, that a program declares its default does.
    """
    known = _known(charset)
    if known is None:
        return None
    if known not in _MULTIBYTE and not known.startswith("iso2022") and not data.isascii():
        utf8 = _decoded(data, "utf-8")
        if utf8 is not None:
            return utf8
    return _decoded(data, known)


def as_likely(data: bytes) -> str:
    """UTF-8 if it is that, else the charset in which everything means something."""
    text = _decoded(data, "utf-8")
    return data.decode("cp1252", "replace") if text is None else text


def _known(charset: str) -> str | None:
    try:
        known = codecs.lookup(charset[:40].strip("\"' ")).name
    except (LookupError, ValueError, UnicodeError):
        return None
    return None if known in _NO_CHARSETS else _WIDER.get(known, known)


def _decoded(data: bytes, charset: str) -> str | None:
    try:
        return data.decode(charset)
    except (LookupError, ValueError):  # a codec of bytes is no charset
        return None
