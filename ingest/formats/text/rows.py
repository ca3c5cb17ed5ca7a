"""Plain text and Markdown: how they are told, called and read."""

from ingest.formats.base import Format, Seen

_READER = "ingest.formats.text.read:read"


def is_markdown(seen: Seen) -> bool:
    """Whether the name says so: nothing in a text tells it for sure."""
    return seen.suffix in MARKDOWN.suffixes


def is_any_text(_: Seen) -> bool:
    """What is a text and nothing else."""
    return True


MARKDOWN = Format(
    name="Markdown",
    media_types=("text/markdown",),
    suffixes=(".md", ".markdown", ".mdown", ".mkd"),
    sniff=is_markdown,
    reader=_READER,
    limits=("max_characters",),
    is_text=True,
    is_plain=True,
)
PLAIN = Format(
    name="text",
    media_types=("text/plain",),
    suffixes=(".txt", ".text", ".log"),
    sniff=is_any_text,
    reader=_READER,
    limits=("max_characters",),
    is_text=True,
    is_plain=True,
)
