"""Passwords, tokens and keys of the settings, kept out of what people read: logs, messages, tables."""

import io
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO
from urllib.parse import parse_qsl, unquote, urlsplit

if TYPE_CHECKING:
    from samespace.core.settings import Settings

SHORTEST = 4
"""Characters; hiding shorter ones would hide half of every text, and they are no secrets."""
_QUERY = ("password", "token", "secret", "key")


def secrets_of(settings: "Settings") -> tuple[str, ...]:
    """Every secret in the settings, as it is written there and as it is meant, longest first."""
    found = {
        secret
        for name in type(settings).model_fields
        for secret in _secrets_in(getattr(settings, name))
        if len(secret) >= SHORTEST
    }
    return tuple(sorted(found, key=len, reverse=True))


def hide(text: str, secrets: tuple[str, ...]) -> str:
    """The text with stars in place of secrets."""
    for secret in secrets:
        text = text.replace(secret, "***")
    return text


def without_secrets(url: str) -> str:
    """The URL without user, password and query."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return url
    authority, slash, path = rest.partition("/")
    return f"{scheme}://{authority.rpartition('@')[2]}{slash}{path.partition('?')[0]}"


class Hiding(io.TextIOBase):
    """A stream that writes no secret to the one behind it."""

    def __init__(self, behind: TextIO, secrets: tuple[str, ...]) -> None:
        self._behind = behind
        self._secrets = secrets

    def write(self, text: str) -> int:
        """Write it, with stars."""
        self._behind.write(hide(text, self._secrets))
        return len(text)

    def flush(self) -> None:
        self._behind.flush()

    def fileno(self) -> int:
        return self._behind.fileno()

    def isatty(self) -> bool:
        return self._behind.isatty()


def hide_secrets(settings: "Settings") -> None:
    """From now on, whatever a library writes in its log or its last words, no secret stands in it."""
    secrets = secrets_of(settings)
    sys.stdout, sys.stderr = Hiding(sys.stdout, secrets), Hiding(sys.stderr, secrets)


def _secrets_in(value: object) -> Iterator[str]:
    from pydantic import SecretStr

    if isinstance(value, SecretStr):
        yield value.get_secret_value()
        yield value.get_secret_value().rpartition(":")[2]  # Milvus takes user:password
    elif isinstance(value, str) and "://" in value:
        yield from _secrets_in_url(value)


def _secrets_in_url(url: str) -> Iterator[str]:
    try:
        parts = urlsplit(url)
        password = parts.password
    except ValueError:
        return
    if password:
        yield from (password, unquote(password))
    for name, value in parse_qsl(parts.query):
        if any(word in name.lower() for word in _QUERY):
            yield value
