"""Mail: its fields as lines, its text, and what is attached by name."""

import codecs
import re
from collections.abc import Iterator
from itertools import islice

from ingest.formats.html.read import page_text
from ingest.formats.mail.charsets import as_declared
from ingest.formats.mail.flowed import flowed
from ingest.formats.mail.mime import Part, parse_part
from ingest.formats.text.read import check_length, clean, read_text
from ingest.parsed import File, Found, Limits
from samespace.core.content import Content
from samespace.core.errors import Unreadable

_FIELDS = ("Subject", "From", "To", "Cc", "Date")
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_PLAIN = frozenset(
    """text/plain text/markdown text/x-patch text/x-diff text/rfc822-headers
    message/delivery-status""".split()  # noqa: SIM905
)
_SEALED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_SIGNATURES = frozenset(
    """application/pgp-signature application/pkcs7-signature
    application/x-pkcs7-signature""".split()  # noqa: SIM905
)
_DEEPEST = 20
_MOST_PARTS = 1000
_MOST_NAMES = 10
_SEPARATOR = re.compile(rb"(?:\A|\n\n)From [^\n]{1,400}\n(?=[!-9;-~]{1,76}[ \t]{0,8}:)")
_QUOTED_SEPARATOR = re.compile(rb"^>(?=>{0,20}From )", re.MULTILINE)


def read(file: File) -> Iterator[Found]:
    """A mail or a mailbox: of each mail the fields that people read, then its text, plain where there is one.

    Mails in a mail are read in it; other files that are attached are named, and a warning says that they were not read.
    """
    box = _Mailbox(file.name, file.limits)
    text = clean("\n\n".join(box.read(mail) for mail in _mails(file.data)))
    check_length(len(text), file.name, file.limits)
    yield Content.of_text(text)
    yield from box.warnings()


def _mails(data: bytes) -> Iterator[bytes]:
    """Each mail of a mailbox, or the only one, with one kind of line break."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        data = data.decode("utf-16", "replace").encode()
    data = data.removeprefix(codecs.BOM_UTF8).lstrip()
    data = _with_plain_breaks(data)
    starts = [(mark.start(), mark.end()) for mark in _SEPARATOR.finditer(data)]
    if not starts or starts[0][0] != 0:
        yield data
        return
    ends = [*(start for start, _ in starts[1:]), len(data)]
    for (_, start), end in zip(starts, ends, strict=True):
        yield _QUOTED_SEPARATOR.sub(b"", data[start:end])


def _with_plain_breaks(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


class _Mailbox:
    """Reads mails, and notes what of them was not read."""

    def __init__(self, name: str, limits: Limits) -> None:
        self._name = name
        self._limits = limits
        self._attached: list[str] = []
        self._warnings: dict[str, None] = {}
        self._parts = 0

    def read(self, data: bytes) -> str:
        """The text of one mail."""
        self._parts = 0
        return self._mail(parse_part(data), 0)

    def warnings(self) -> tuple[str, ...]:
        """What was lost, in words."""
        count = len(self._attached)
        if not count:
            return tuple(self._warnings)
        names = list(dict.fromkeys(self._attached))
        shown = ", ".join(names[:_MOST_NAMES])
        more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        what = "1 attachment" if count == 1 else f"{count} attachments"
        lost = f"{what} of {self._name} {'was' if count == 1 else 'were'} not read: {shown}{more}"
        return (*self._warnings, lost)

    def _mail(self, mail: Part, depth: int) -> str:
        """Its fields, the names of what is attached to it, a blank line, its text."""
        before = len(self._attached)
        text = "\n\n".join(each for each in self._texts(mail, depth) if each)
        head = [f"{name}: {value}" for name in _FIELDS if (value := mail.field(name))]
        attached = list(dict.fromkeys(self._attached[before:]))
        if attached:
            head.append(f"Attachments: {', '.join(attached)}")
        return "\n".join([*head, "", text]).strip("\n")

    def _texts(self, part: Part, depth: int) -> Iterator[str]:
        self._parts += 1
        if depth > _DEEPEST or self._parts > _MOST_PARTS:
            self._warn_of_bounds()
            return
        kind = part.kind
        if kind == "message/rfc822":
            yield self._mail(
                parse_part(_with_plain_breaks(part.content()).lstrip(b"\n")), depth + 1
            )
        elif kind == "multipart/encrypted":
            self._warn(f"the text of {self._name} is encrypted and was not read")
        elif kind.startswith("multipart/"):
            yield from self._multipart(part, depth)
        elif kind in _SEALED:
            self._warn(f"the text of {self._name} is encrypted and was not read")
        elif part.is_attached or kind not in _HTML | _PLAIN:
            self._attach(part)
        else:
            yield self._text(part)

    def _multipart(self, part: Part, depth: int) -> Iterator[str]:
        parts = list(islice(part.parts(), _MOST_PARTS))
        if not parts:
            self._warn(f"{self._name} does not say where its parts begin, it was read as one text")
            yield self._decoded(part).strip("\n")
        elif part.kind == "multipart/alternative":
            yield from self._alternative(parts, depth)
        else:
            for inner in parts:
                yield from self._texts(inner, depth + 1)

    def _alternative(self, ways: list[Part], depth: int) -> Iterator[str]:
        """The same text in several ways: the plain one, unless it is blank, else a page."""
        ways = sorted(ways, key=lambda way: _LIKED.get(way.kind, 1))
        for number, way in enumerate(ways, start=1):
            texts = [text for text in self._texts(way, depth + 1) if text.strip()]
            if texts:
                yield from texts
                self._attach_of(ways[number:], depth)
                return

    def _attach_of(self, ways: list[Part], depth: int) -> None:
        """The files that stand in ways that are not read, such as the pictures of a page."""
        for way in ways:
            self._parts += 1
            if way.kind == "multipart/alternative" or depth > _DEEPEST or self._parts > _MOST_PARTS:
                continue
            if way.kind.startswith("multipart/"):
                self._attach_of(list(way.parts()), depth + 1)
            elif way.is_attached or not way.kind.startswith("text/"):
                self._attach(way)

    def _attach(self, part: Part) -> None:
        if part.kind not in _SIGNATURES:
            self._attached.append(part.file_name or part.kind)

    def _text(self, part: Part) -> str:
        text = self._decoded(part)
        if part.kind in _HTML:
            try:
                return page_text(text, self._name)
            except Unreadable as error:
                self._warn(f"a page in {self._name} was not read: {error}")
                return ""
        if part.parameter("format") == "flowed":
            text = flowed(text, joins_words=part.parameter("delsp") == "yes")
        return text.strip("\n")

    def _decoded(self, part: Part) -> str:
        content = part.content()
        text = as_declared(content, part.parameter("charset") or "utf-8")
        if text is not None:
            return clean(text)
        if not content.strip():
            return ""
        try:
            text, warnings = read_text(content, self._name, self._limits)
        except Unreadable:
            self._warn(f"a text in {self._name} is in no known encoding and was not read")
            return ""
        self._warnings.update(dict.fromkeys(warnings))
        return text

    def _warn(self, words: str) -> None:
        self._warnings[words] = None

    def _warn_of_bounds(self) -> None:
        self._warn(
            f"{self._name} has more than {_MOST_PARTS} parts or nests them more than {_DEEPEST} deep, not all were read"
        )


_LIKED = {"text/plain": 0, "text/calendar": 3, "text/x-amp-html": 3}
"""Which way to read first, of several; a page is in the middle."""
