"""docs/formats.md, from the rows: `python -c "from ingest.formats.table import page; print(page())"`."""

from ingest.formats.base import Format
from ingest.formats.registry import FORMATS

_HEAD = """# What is taken in

Generated from the rows in `ingest/formats`; a test holds it to them. The type of a file is told by its content, its
suffix decides where that leaves a choice. [extending.md](extending.md) shows how to add a format.

| format | media type | suffixes | bounded by |
|---|---|---|---|
"""


def page() -> str:
    """The page, without a newline at its end."""
    return _HEAD + "\n".join(map(_line, FORMATS.for_people()))


def _line(row: Format) -> str:
    suffixes = " ".join(f"`{suffix}`" for suffix in row.suffixes)
    limits = ", ".join(f"`SAMESPACE_{name.upper()}`" for name in ("max_file_bytes", *row.limits))
    return f"| {row.name} | `{row.media_type}` | {suffixes} | {limits} |"
