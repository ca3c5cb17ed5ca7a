"""Encodings of texts by their names, and what is meant by them."""

import codecs

from samespace.core.errors import InvalidRequest

_NO_TEXT = frozenset(
    {
        "idna",
        "punycode",
        "unicode-escape",
        "raw-unicode-escape",
        "undefined",
        "mbcs",
        "oem",
        "utf-7",
    }
)
_LONGEST = 40
# What is declared or asked for as one of these is mostly the larger one: where both know a byte they agree, and what
# the smaller one has in its place is nothing that anybody writes.
_LARGER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "euc_jp": "euc_jis_2004",
    "iso2022_jp": "iso2022_jp_2",
}


def encoding_named(name: str) -> str:
    """The name that the library knows an encoding by; InvalidRequest if there is none of this name."""
    found = known_encoding(name)
    if found is None:
        raise InvalidRequest(
            f"there is no encoding {name[:_LONGEST]!r}; usual ones are cp1252, cp1250, cp1251, koi8-r, "
            "shift_jis, gb18030, big5, euc-kr, utf-16-le"
        )
    return found


def known_encoding(name: str) -> str | None:
    """The same, None for a name that is none."""
    if not name or len(name) > _LONGEST or not name.isascii():
        return None
    try:
        found = codecs.lookup(name.strip())
    except (LookupError, ValueError):
        return None
    # `codecs.lookup` also knows what turns bytes to bytes, and what takes very long on purpose.
    is_text = getattr(found, "_is_text_encoding", True)
    return found.name if is_text and found.name.replace("_", "-") not in _NO_TEXT else None


def decoder_of(encoding: str) -> str:
    """The encoding to read with where this one is named."""
    return _LARGER.get(encoding, encoding)
