"""Adding files on the page."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.page.conftest import Visit
from tests.services import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def test_files_are_added_and_each_tells_its_state(visit: Visit, tmp_path: Path) -> None:
    page = visit.open("/collections")
    page.get_by_label("Name").fill("added")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name="added")).to_be_visible()
    pictures = sorted((ROOT / "samples" / "pictures").glob("*.png"))[:4]
    good = tmp_path / "lighthouse.md"
    good.write_text("# Lighthouse\n\nThe keeper lit the lamp at dusk.")
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7\nnothing that follows is a document")

    visit.open("/add?c=added").set_input_files(
        "input[type=file][multiple]", [*pictures, good, broken]
    )

    rows = page.locator(".file")
    expect(rows).to_have_count(6)
    expect(rows.filter(has=page.locator(".state.ready"))).to_have_count(5, timeout=90_000)
    failed = rows.filter(has=page.locator(".state.failed"))
    expect(failed).to_contain_text("broken.pdf")
    expect(failed.locator(".reason")).not_to_be_empty()
    failed.get_by_role("button", name="Try again").click()
    expect(failed.locator(".state")).to_have_text("failed", timeout=60_000)
