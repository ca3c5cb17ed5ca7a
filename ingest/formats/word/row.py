"""Word documents: how they are told, called and read."""

from ingest.formats.base import Format, Seen
from ingest.signatures import DOCX, package_type


def is_word(seen: Seen) -> bool:
    """Whether a package begins here whose parts are those of a Word document."""
    return seen.text is None and package_type(seen.head) == DOCX


WORD = Format(
    name="Word",
    media_types=(DOCX,),
    suffixes=(".docx", ".docm", ".dotx", ".dotm"),
    sniff=is_word,
    reader="ingest.formats.word.read:read",
    limits=("max_characters",),
)
