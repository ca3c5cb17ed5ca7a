"""Plain text and Markdown in any encoding."""

import codecs
import re

import charset_normalizer

from ingest.parsed import Limits, Parsed, Text
from samespace.core.errors import Unreadable

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_NEWLINES = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SAMPLE = 1024 * 1024
_NEAR = 0.2
"""Coherence by which a guess may be better than cp1252; short texts differ by chance."""
_MOST_CONTROL = 0.05
"""Share of control characters above which bytes are data that happen to decode."""


def read(data: bytes, name: str, limits: Limits) -> Parsed:
    """A text document; Unreadable if the bytes are no text or too many characters."""
    text, warnings = read_text(data, name, limits)
    return Parsed(texts=(Text(text),), warnings=warnings)


def read_text(data: bytes, name: str, limits: Limits) -> tuple[str, tuple[str, ...]]:
    """The cleaned text of some bytes, and a warning where its encoding was guessed."""
    found = decode(data)
    if found is None:
        raise Unreadable(f"{name} is no text in any known encoding")
    text, encoding, guessed = found
    check_length(len(text), name, limits)
    return clean(text), (f"{name} was read as {encoding}, a guess",) if guessed else ()


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

    A byte-order mark is believed, then UTF-8 is tried, then charset-normalizer guesses.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _decode_as(data, encoding, guessed=False)
    return _decode_as(data, "utf-8", guessed=False) or _guess(data)


def _guess(data: bytes) -> tuple[str, str, bool] | None:
    for sample in (data[:_SAMPLE], data)[: 1 + (len(data) > _SAMPLE)]:
        encoding = _likeliest(sample)
        found = _decode_as(data, encoding, guessed=True) if encoding else None
        if found:
            return found
    return None


def _likeliest(sample: bytes) -> str | None:
    """The best guess; cp1252, by far the commonest, where it fits about as well."""
    matches = charset_normalizer.from_bytes(sample)
    best = matches.best()
    if best is None:
        return None
    near = (m for m in matches if m.chaos <= best.chaos and m.coherence >= best.coherence - _NEAR)
    fits = {encoding for m in near for encoding in m.could_be_from_charset}
    return "cp1252" if "cp1252" in fits else best.encoding


def _decode_as(data: bytes, encoding: str, *, guessed: bool) -> tuple[str, str, bool] | None:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    if len(_CONTROL.findall(text[:_SAMPLE])) > _MOST_CONTROL * len(text[:_SAMPLE]):
        return None
    return text, encoding, guessed
