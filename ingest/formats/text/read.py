"""Plain text and Markdown in any encoding."""

import codecs
import re
from collections.abc import Iterator
from typing import NamedTuple

from ingest.formats.text.guess import is_groundless, likeliest
from ingest.glance import (
    SAMPLE,
    has_controls,
    is_nearly_utf8,
    mark_of,
    wide_encoding,
    without_nuls,
)
from ingest.parsed import File, Found, Limits
from samespace.core.content import Content
from samespace.core.encodings import decoder_of, known_encoding
from samespace.core.errors import Unreadable

_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_NEWLINES = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_DECLARED = re.compile(
    rb"(?:charset|encoding|coding)\s{0,4}[=:]\s{0,4}[\"']?([a-z0-9][\w.:-]{1,39})", re.IGNORECASE
)
_DECLARED_WITHIN = 1024
_SHIFTS = (
    ((b"\x1b$B", b"\x1b$@", b"\x1b$A", b"\x1b(J", b"\x1b$(D"), "iso2022_jp_2"),
    ((b"\x1b$)C",), "iso2022_kr"),
)
_MOST_CONTROLS_GUESSED = 0.01
_SHORT = 64
_MOST_LOST = 0.05
"""Share of what is beyond ASCII that may be lost where an encoding fits but for a few bytes."""


class _Found(NamedTuple):
    text: str
    encoding: str
    guessed: bool = False
    lost: int = 0
    nuls: int = 0


def read(file: File) -> Iterator[Found]:
    """A text document; Unreadable if the bytes are no text or too many characters."""
    text, warnings = read_text(file.data, file.name, file.limits)
    yield Content.of_text(text)
    yield from warnings


def read_text(data: bytes, name: str, limits: Limits) -> tuple[str, tuple[str, ...]]:
    """The cleaned text of some bytes, and a warning where its encoding was guessed or something of it is lost."""
    found = _find(data)
    if found is None:
        raise Unreadable(f"{name} is not text in any known encoding")
    check_length(len(found.text), name, limits)
    return clean(found.text), tuple(_said(found, name))


def recoded(data: bytes, name: str, encoding: str) -> tuple[bytes, tuple[str, ...]]:
    """The same text as UTF-8 with a mark, read as the encoding that a person said it is in; a mark of its own, which
    no other encoding begins with, is believed all the same."""
    marked = mark_of(data)
    if marked is not None:
        return data, ()
    text = data.decode(decoder_of(encoding), "replace")
    found = _Found(text, encoding, lost=text.count("\ufffd"))
    warnings = tuple(_said(found, name))
    if encoding != "utf-8" and not data.isascii() and _as_utf8(data) is not None:
        warnings += (f"{name} was read as {encoding}, as asked, though it is valid UTF-8",)
    return codecs.BOM_UTF8 + text.encode("utf-8", "replace"), warnings


def recoded_if_unsure(data: bytes, name: str, usual: str) -> tuple[bytes, tuple[str, ...]]:
    """The same as `recoded` where the encoding could only be guessed and the usual one fits; else as it is."""
    found = _find(data)
    if found is not None and not found.guessed:
        return data, ()
    try:
        text = data.decode(decoder_of(usual))
    except UnicodeDecodeError:
        return data, ()
    return (data, ()) if has_controls(text) else recoded(data, name, usual)


def check_length(characters: int, name: str, limits: Limits) -> None:
    """Unreadable past the limit of characters."""
    if characters > limits.max_characters:
        raise Unreadable(
            f"{name} has {characters} characters, more than the limit of {limits.max_characters}"
        )


def clean(text: str) -> str:
    """Newlines as `\\n`; control characters, lone surrogates and byte-order marks removed."""
    return _CONTROL.sub("", _NEWLINES.sub("\n", text))


def decode(data: bytes) -> tuple[str, str, bool] | None:
    """The text, its encoding, and whether that was guessed; None if the bytes are no text.

    Evidence comes first: a byte-order mark, shift sequences, UTF-8, UTF-16 by its NULs, what the text declares
    itself to be. Otherwise the likeliest encoding is guessed.
    """
    found = _find(data)
    return None if found is None else (found.text, found.encoding, found.guessed)


def is_plain_utf8(data: bytes) -> bool:
    """Whether this is UTF-8 that nothing speaks against: no NULs, no shift sequences, no letters by chance."""
    has_signs = b"\0" in data or b"\x1b" in data
    return not has_signs and _as_utf8(data) is not None


def _find(data: bytes) -> _Found | None:
    marked = mark_of(data)
    if marked is not None:
        return _replaced(data, marked)
    wide = wide_encoding(data[:SAMPLE])
    if wide is not None:
        return _replaced(data, wide)
    bare = without_nuls(data)
    if bare is None:
        return None
    found = _shifted(bare) or _as_utf8(bare) or _nearly_utf8(bare) or _declared(bare)
    found = found or (
        None if len(bare) < len(data) and has_controls(_plainly(bare), 0) else _guess(bare)
    )
    return None if found is None else found._replace(nuls=len(data) - len(bare))


def _plainly(data: bytes) -> str:
    return data[:SAMPLE].decode("latin-1")


def _replaced(data: bytes, encoding: str) -> _Found | None:
    """Read as what it surely is; what cannot be read of it is replaced and counted."""
    text = data.decode(encoding, "replace")
    lost = text.count("\ufffd") - data.decode(encoding, "ignore").count("\ufffd")
    is_text = not has_controls(text) and lost * 4 <= len(text)
    return _Found(text, encoding, lost=lost) if is_text else None


def _shifted(data: bytes) -> _Found | None:
    """ISO-2022, all ASCII to other eyes, by the sequences that shift to its letters and back."""
    if not data.isascii() or b"\x1b" not in data:
        return None
    for signs, encoding in _SHIFTS:
        if any(sign in data for sign in signs):
            return _strictly(data, encoding, guessed=False)
    return None


def _as_utf8(data: bytes) -> _Found | None:
    found = _strictly(data, "utf-8", guessed=False)
    # Two ideographs of another encoding can be UTF-8 by chance, of accents that stand on nothing.
    return None if found and len(data) <= _SHORT and is_groundless(found.text) else found


def _nearly_utf8(data: bytes) -> _Found | None:
    is_whole = _strictly(data, "utf-8", guessed=False) is not None
    return _replaced(data, "utf-8") if not is_whole and is_nearly_utf8(data) else None


def _declared(data: bytes) -> _Found | None:
    """What it says of itself, where that fits."""
    said = _DECLARED.search(data[:_DECLARED_WITHIN])
    encoding = known_encoding(said[1].decode("ascii", "replace")) if said else None
    if encoding is None or encoding.startswith("utf"):
        return None
    return _strictly(data, decoder_of(encoding), guessed=False)


def _guess(data: bytes) -> _Found | None:
    """The likeliest encoding that fits all of it, or all but a few bytes."""
    if has_controls(_plainly(data), _MOST_CONTROLS_GUESSED):
        return None
    likely = likeliest(data)
    fitting = (_strictly(data, each, guessed=True) for each in likely[:4])
    found = next((each for each in fitting if each), None)
    return found or (_but_for_a_few(data, likely[0]) if likely else None)


def _but_for_a_few(data: bytes, encoding: str) -> _Found | None:
    text = data.decode(encoding, "replace")
    lost = text.count("\ufffd")
    beyond = len(text) - len(text.encode("ascii", "ignore"))
    return _Found(text, encoding, guessed=True, lost=lost) if lost <= _MOST_LOST * beyond else None


def _strictly(data: bytes, encoding: str, *, guessed: bool) -> _Found | None:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if has_controls(text) else _Found(text, encoding, guessed)


def _said(found: _Found, name: str) -> list[str]:
    said = [f"{name} was read as {found.encoding}, a guess"] if found.guessed else []
    if found.lost:
        places = "place" if found.lost == 1 else "places"
        said.append(f"{name} holds bytes that are not {found.encoding} in {found.lost} {places}")
    if found.nuls:
        said.append(f"{name} holds {found.nuls} NUL bytes, which were left out")
    return said
