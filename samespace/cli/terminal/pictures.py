"""Which words on a command line are pictures."""

from pathlib import Path

from ingest.formats.registry import FORMATS

_SUFFIXES = frozenset(suffix for row in FORMATS.rows if row.is_picture for suffix in row.suffixes)


def is_picture_file(word: str) -> bool:
    """Whether this is the path of a file that is named like a picture."""
    try:
        path = Path(word).expanduser()
        return path.suffix.lower() in _SUFFIXES and path.is_file()
    except (OSError, ValueError, RuntimeError):
        return False
