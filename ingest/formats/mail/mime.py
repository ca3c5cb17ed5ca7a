"""Mail as parts: fields and bodies by the standard library, the parts told apart within bounds.

The library's own parser takes parts apart too, but without a limit: a thousand parts in one another cost it a
thousand looks at every line, or its stack.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.parser import HeaderParser
from typing import TypeVar

from ingest.formats.mail.charsets import as_declared, as_likely

_MOST_HEAD = 256 * 1024
_LONGEST_FIELD = 16 * 1024
_LONGEST_CONTENT_FIELD = 2 * 1024
_LONGEST_BOUNDARY = 200

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part:
    """The fields of a part, and its body as it was sent."""

    fields: Message
    body: bytes

    @property
    def kind(self) -> str:
        """Its media type; plain text where it does not say."""
        return _or_else(self.fields.get_content_type, "text/plain")

    @property
    def file_name(self) -> str:
        """What its sender called it; "" where it has no name."""
        return " ".join(decoded(_or_else(self.fields.get_filename, None) or "").split())[:200]

    @property
    def is_attached(self) -> bool:
        """Whether it is a file beside the text, not a piece of the text."""
        return _or_else(self.fields.get_content_disposition, None) == "attachment"

    def parameter(self, name: str) -> str:
        """A parameter of the media type, in small letters."""
        value = _or_else(lambda: self.fields.get_param(name), None)
        return value.lower() if isinstance(value, str) else ""

    def field(self, name: str) -> str:
        """The decoded values of a field on one line."""
        nothing: list[str] = []
        values = _or_else(lambda: self.fields.get_all(name, nothing), nothing)
        return ", ".join(" ".join(decoded(str(value)).split()) for value in values)

    def content(self) -> bytes:
        """The body with its transfer encoding undone."""
        self.fields.set_payload(self.body.decode("ascii", "surrogateescape"))
        content = _or_else(lambda: self.fields.get_payload(decode=True), None)
        self.fields.set_payload("")
        return content if isinstance(content, bytes) else self.body

    def parts(self) -> Iterator["Part"]:
        """What a multipart holds; nothing where its boundary is missing."""
        boundary = _or_else(self.fields.get_boundary, None)
        if boundary and len(boundary) <= _LONGEST_BOUNDARY:
            for piece in _pieces(self.body, boundary.encode("utf-8", "replace")):
                yield parse_part(piece, "message/rfc822" if self.kind == "multipart/digest" else "")


def parse_part(data: bytes, default_kind: str = "") -> Part:
    """Fields up to the first blank line, then the body; lines end with `\\n`."""
    head, _, body = (b"", b"", data[1:]) if data.startswith(b"\n") else data.partition(b"\n\n")
    parsed = HeaderParser().parsestr(as_likely(head[:_MOST_HEAD]))
    fields: Message = Message()
    fields.set_default_type(default_kind or "text/plain")
    for name, value in parsed.items():
        is_content = name.lower().startswith("content-")
        longest = _LONGEST_CONTENT_FIELD if is_content else _LONGEST_FIELD
        fields[name] = value if len(value) <= longest else f"{value[:longest]} …"
    no_fields = parsed.get_payload()
    if isinstance(no_fields, str) and no_fields.strip():  # a line that is no field ends them
        body = no_fields.encode() + b"\n\n" + body
    return Part(fields, body)


def decoded(text: str) -> str:
    """The text of a field, its encoded words (`=?utf-8?q?M=C3=BCller?=`) decoded."""
    try:
        chunks = decode_header(text)
    except (MessageError, ValueError):
        return text
    return "".join(_chunk(words, charset) for words, charset in chunks) or text


def _chunk(words: str | bytes, charset: str | None) -> str:
    if isinstance(words, str):
        return words
    if charset is None:  # what stands between encoded words
        return words.decode("raw-unicode-escape", "replace")
    return as_declared(words, charset) or as_likely(words)


def _pieces(body: bytes, boundary: bytes) -> Iterator[bytes]:
    line = re.compile(rb"^--" + re.escape(boundary) + rb"(--)?[ \t]*+$", re.MULTILINE)
    start: int | None = None
    for mark in line.finditer(body):
        if start is not None:
            yield body[start : max(start, mark.start() - 1)]
        if mark[1]:
            return
        start = mark.end() + 1
    if start is not None:
        yield body[start:]


def _or_else(ask: Callable[[], T], default: T) -> T:
    """What the library says of a field, or the default where the field makes it stumble."""
    try:
        return ask()
    except (MessageError, LookupError, ValueError, TypeError, AttributeError):
        return default
