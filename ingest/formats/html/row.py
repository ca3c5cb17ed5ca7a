"""HTML: how it is told, called and read."""

from ingest.formats.base import Format, Seen
from ingest.formats.text.prologue import is_html

_MEDIA_TYPES = ("text/html", "application/xhtml+xml")


def is_page(seen: Seen) -> bool:
    """Whether a page begins here; less has to be seen of it where the name says so."""
    text = seen.text or ""
    return (seen.named in _MEDIA_TYPES and "<" in text) or is_html(
        text, surely=seen.named is not None
    )


HTML = Format(
    name="HTML",
    media_types=_MEDIA_TYPES,
    suffixes=(".html", ".htm"),
    sniff=is_page,
    reader="ingest.formats.html.read:read",
    limits=("max_characters",),
    is_text=True,
)
