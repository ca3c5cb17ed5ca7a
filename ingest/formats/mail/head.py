"""Whether a file is mail, told by the fields at its very beginning."""

import re
from pathlib import PurePath

MAIL = "message/rfc822"
MAILBOX = "application/mbox"

_WITHIN = 64 * 1024
_MOST_LINES = 1000
_FIELD = re.compile(rb"([!-9;-~]{1,76})[ \t]{0,8}:")
_SEPARATOR = re.compile(rb"From \S{1,300} [^\n]{0,30}\d\d?:\d\d[^\n]{0,20}\d{4}")
_PEOPLE = frozenset({b"from", b"to", b"cc", b"subject", b"date", b"sender", b"reply-to"})
"""Fields that people write into a text too: a memo, a quoted letter."""
_MACHINES = frozenset(
    b"""message-id mime-version received return-path delivered-to dkim-signature authentication-results
    content-type content-transfer-encoding in-reply-to references x-mailer user-agent list-id list-unsubscribe
    x-received arc-seal received-spf newsgroups path errors-to thread-topic thread-index""".split()
)
"""Fields that programs write."""
_SENT = frozenset({b"from", b"sender", b"return-path", b"received"})
_NAMED = frozenset({".eml", ".mht", ".mhtml", ".nws"})
_MARKDOWN = frozenset({".md", ".markdown", ".mdown", ".mkd"})


def mail_type(head: bytes, name: str) -> str | None:
    """`MAIL`, `MAILBOX` where a separator ("From ...") comes first, or None.

    A text that merely begins with a few "Note: ..." lines is none: somebody must have sent it, a program must
    have left a field of its own, and nothing but fields may stand before the first blank line. The name of
    a mail makes two known fields enough, that of a Markdown file more than fields impossible.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix in _MARKDOWN:
        return None
    lines = _lines(head)
    is_box = bool(lines and _SEPARATOR.match(lines[0]))
    fields, is_clean = _fields(lines[is_box:])
    known = fields & (_PEOPLE | _MACHINES)
    if is_box or suffix in _NAMED:
        is_mail = len(known) > 1
    else:
        is_mail = is_clean and len(known) > 2 and bool(known & _MACHINES and known & _SENT)
    if not is_mail:
        return None
    return MAILBOX if is_box and suffix not in _NAMED else MAIL


def is_likely_box(head: bytes) -> bool:
    """Whether it is worth looking for the separator of a mailbox at the very beginning."""
    start = head[:_WITHIN].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n\x0b\x0c")
    return start.startswith((b"From ", b"F\0"))


def _lines(head: bytes) -> list[bytes]:
    """The first lines, decoded only where every second byte is nothing."""
    start = head[:_WITHIN]
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        start = start.decode("utf-16", "replace").encode()
    lines = start.removeprefix(b"\xef\xbb\xbf").lstrip().splitlines()
    return lines[
        : min(_MOST_LINES, len(lines) - (len(head) > _WITHIN))
    ]  # the last may be cut in two


def _fields(lines: list[bytes]) -> tuple[set[bytes], bool]:
    """The names of the fields before the first blank line, and whether nothing else stands there."""
    found: set[bytes] = set()
    is_clean = True
    for line in lines:
        if not line.strip():
            break
        if found and line[:1] in b" \t":
            continue
        field = _FIELD.match(line)
        if field:
            found.add(field[1].lower())
        else:
            is_clean = False
    return found, is_clean
