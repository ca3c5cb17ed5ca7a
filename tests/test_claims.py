"""What README and page say is taken in is what is taken in."""

import pytest

from ingest.formats.base import Format
from ingest.formats.registry import FORMATS
from samespace.core.settings import Settings
from tests.services import ROOT


@pytest.mark.parametrize("row", FORMATS.rows, ids=lambda row: row.name)
def test_each_format_is_named(row: Format) -> None:
    readme = (ROOT / "README.md").read_text()
    listed = readme.split("## What goes in")[1].split("Everything else is refused")[0]
    assert row.name in listed or any(f"`{suffix}`" in listed for suffix in row.suffixes)


def test_the_page_names_what_the_server_says() -> None:
    view = (ROOT / "samespace/page/static/js/views/add.js").read_text()
    assert "Supported: ${supported.value}" in view


def test_the_limits_of_a_format_are_settings() -> None:
    named = {limit for row in FORMATS.rows for limit in row.limits}
    assert named <= Settings.model_fields.keys()


def test_no_more_is_promised() -> None:
    begin = (ROOT / "README.md").read_text().split("## Try it")[0]
    assert "of any kind" not in begin
