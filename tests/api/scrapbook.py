"""A format that nobody uses: words and plain colours, page by page. docs/extending.md shows this file."""

from collections.abc import Iterator
from functools import partial
from hashlib import sha256

import numpy as np

from ingest.formats.base import Format, Seen
from ingest.parsed import File, Found, Later
from samespace.core.content import Content
from samespace.core.modality import Decoded

_MARK = b"SCRAPBOOK 1\n"


def is_scrapbook(seen: Seen) -> bool:
    """Whether a scrapbook begins here."""
    return seen.head.startswith(_MARK)


def read(file: File) -> Iterator[Found]:
    """`words ...` and `colour r g b` on the page at hand, `page` for the next one."""
    page = 1
    for number, line in enumerate(file.data.removeprefix(_MARK).decode().splitlines()):
        kind, _, rest = line.partition(" ")
        if kind == "page":
            page += 1
        elif kind == "words":
            yield Content.of_text(rest, page)
        elif kind == "colour":
            content = Content.of_picture(sha256(f"{number} {line}".encode()).hexdigest(), page=page)
            yield Later(content, partial(_square, rest))
        else:
            yield f"{file.name}: a line of the kind {kind!r} was not read"


def _square(colour: str) -> Decoded:
    return np.full((32, 32, 3), [int(part) for part in colour.split()], np.uint8)


SCRAPBOOK = Format(
    name="scrapbook",
    media_types=("application/x-scrapbook",),
    suffixes=(".scrap",),
    sniff=is_scrapbook,
    reader="tests.api.scrapbook:read",
    limits=("max_pages",),
)
