"""How many values a JSON text holds, told before it is parsed: 32 MB of `{},{},` would come to a gigabyte."""

import re
from collections.abc import Iterable

from samespace.core.errors import TooLarge

MOST_VALUES = 1_000_000
_OTHERS = bytes(set(range(256)) - set(b'",[{'))
_PIECE = re.compile(rb'"[^"]*"?|[,\[{]+')


def most_values(source: bytes) -> int:
    """No more than so many values and names are in there; commas inside of texts count too, which is quick."""
    return 1 + sum(source.count(each) for each in (b",", b"[", b"{"))


def check_values(pieces: Iterable[bytes], what: str) -> None:
    """TooLarge if a JSON text, in pieces, holds more values than are taken; linear, in little memory."""
    source = b"".join(pieces)
    if most_values(source) > MOST_VALUES and _has_more(source):
        raise TooLarge(f"{what} holds more than {MOST_VALUES} values, the most taken at once")


def _has_more(source: bytes) -> bool:
    if b"\0" in source:  # not UTF-8, in which a quote can be told from half of another character
        return True
    plain = source.replace(rb"\\", b"").replace(rb"\"", b"").translate(None, _OTHERS)
    values, texts = 1, 0
    for piece in _PIECE.finditer(plain):
        if plain[piece.start()] == ord('"'):
            texts += 1
        else:
            values += piece.end() - piece.start()
        if values > MOST_VALUES or texts > 2 * MOST_VALUES:  # in JSON, a name and a text at most
            return True
    return False
