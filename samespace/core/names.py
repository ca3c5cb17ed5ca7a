"""The one rule for the names of documents and for what identifies them, at every door."""

import re

from samespace.core.errors import InvalidRequest

LONGEST = 1024
_LONGEST_OF_TEXT = 60
_CONTROL = re.compile(r"[\x01-\x1f\x7f-\x9f\u2028\u2029]")
_SHORT = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}


def document_name(name: str) -> str:
    r"""The name as it is kept: one line that can be read, its control characters shown as `\t`, `\n`, `\x1b`.

    InvalidRequest for one that is blank, too long, or holds what is no text (NUL, halves of characters).
    """
    check_is_text("name", name)
    if not name.strip():
        raise InvalidRequest(f"the name {name[:60]!r} is blank")
    shown = _CONTROL.sub(_escaped, name)
    _check_length("name", shown)
    return shown


def text_name(text: str, external_id: str | None) -> str:
    """What a text is called that nobody gave a name: as it is known, or after its first line."""
    return external_id or text.strip().partition("\n")[0][:_LONGEST_OF_TEXT] or "text"


def check_external_id(id: str) -> None:
    """InvalidRequest for what identifies no document: anything goes but what is no text, or is too long.

    It stays as it is, control characters too: it is the path of a file, and finds the file's document again.
    """
    check_is_text("external_id", id)
    _check_length("external_id", id)


def check_is_text(what: str, text: str) -> None:
    """InvalidRequest for characters that the records cannot hold."""
    if "\0" in text or (not text.isascii() and any(0xD800 <= ord(char) < 0xE000 for char in text)):
        raise InvalidRequest(f"the {what} {text[:60]!r} holds a character that is not text")


def _check_length(what: str, text: str) -> None:
    if len(text) > LONGEST:
        raise InvalidRequest(
            f"the {what} {text[:60]!r}... has {len(text)} characters, the limit is {LONGEST}"
        )


def _escaped(match: re.Match[str]) -> str:
    char = match.group()
    return _SHORT.get(char) or (f"\\x{ord(char):02x}" if ord(char) < 256 else f"\\u{ord(char):04x}")
