"""How many values a JSON text holds, told before it is parsed: 32 MB of `{},{},` would come to a gigabyte."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from samespace.core.errors import InvalidRequest, TooLarge

MOST_VALUES = 600_000
MOST_NAMES = 200_000  # of the fields of objects, each of which is hashed and kept
_OTHERS = bytes(set(range(256)) - set(b'",[{:'))
_PIECE = re.compile(rb'"[^"]*"?|[^"]+')


@dataclass(slots=True)
class Most:
    """No more than so many values and names of fields are in what was seen; what stands inside of texts counts too,
    which is quick."""

    values: int = 1
    names: int = 0

    def see(self, piece: bytes) -> None:
        """One more piece of a JSON text."""
        self.values += sum(piece.count(each) for each in (b",", b"[", b"{"))
        self.names += piece.count(b":")

    @property
    def is_too_much(self) -> bool:
        """Whether a closer look is needed."""
        return self.values > MOST_VALUES or self.names > MOST_NAMES


def check_values(pieces: Iterable[bytes], what: str) -> None:
    """TooLarge if a JSON text, in pieces, holds more values or fields than are taken; linear, in little memory."""
    source = b"".join(pieces)
    most = Most()
    most.see(source)
    if most.is_too_much and _has_more(source):
        raise TooLarge(
            f"{what} holds more than {MOST_VALUES} values or {MOST_NAMES} fields, the most taken at once"
        )


def not_json(error: ValueError | RecursionError, what: str) -> InvalidRequest:
    """What is said of a text that `json` cannot read."""
    match error:
        case RecursionError():
            return InvalidRequest(f"{what} is nested too deeply")
        case UnicodeDecodeError():
            return InvalidRequest(f"{what} is not UTF-8")
        case json.JSONDecodeError():
            return InvalidRequest(f"{what} is not JSON: {error}")
        case _:
            return InvalidRequest(f"{what} has a number of too many digits")


def _has_more(source: bytes) -> bool:
    if b"\0" in source:  # not UTF-8, in which a quote can be told from half of another character
        return True
    plain = source.replace(rb"\\", b"").replace(rb"\"", b"").translate(None, _OTHERS)
    found, texts = Most(), 0
    for piece in _PIECE.finditer(plain):
        if plain[piece.start()] == ord('"'):
            texts += 1
        else:
            found.see(piece.group())
        if found.is_too_much or texts > 2 * MOST_VALUES:  # in JSON, a name and a text at most
            return True
    return False
