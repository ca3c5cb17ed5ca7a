"""What README and page say is taken in is what is taken in."""

import re

import pytest

from ingest.detect import DOCX, MEDIA_TYPES
from tests.services import ROOT

# What people call a type that is not called by the end of its media type.
NAMES = {
    "text/plain": r"\btexts?\b",
    "text/markdown": r"\bmarkdown\b|`\.md`",
    DOCX: r"\bword\b|`\.docx`",
    "image/jp2": r"\bjpeg 2000\b",
    "message/rfc822": r"\bmail\b|`\.eml`",
    "application/mbox": r"\bmail\b|`\.mbox`",
}


def taken_in(page: str) -> str:
    """The place of a page that lists what is taken in."""
    text = (ROOT / page).read_text()
    if page == "README.md":
        return text.split("## What goes in")[1].split("Everything else is refused")[0]
    return text.split("Supported: ")[1].split("</span>")[0]


@pytest.mark.parametrize("page", ["README.md", "samespace/page/static/js/views/add.js"])
def test_each_type_is_named(page: str) -> None:
    listed = taken_in(page).lower()
    for media_type in MEDIA_TYPES:
        name = NAMES.get(media_type, rf"\b{media_type.partition('/')[2]}\b")
        assert re.search(name, listed), media_type


def test_no_more_is_promised() -> None:
    begin = (ROOT / "README.md").read_text().split("## Try it")[0]
    assert "of any kind" not in begin
