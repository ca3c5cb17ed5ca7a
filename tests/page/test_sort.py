"""Sorting a collection into classes on the page."""

import re

import pytest
from playwright.sync_api import expect

from tests.page.conftest import Visit

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def test_sorting_counts_every_item_and_follows_a_changed_name(visit: Visit, library: str) -> None:
    page = visit.open(f"/sort?c={library}")
    page.get_by_label("Class 1").fill("animal")
    page.get_by_label("Class 2").fill("vehicle")
    groups = page.locator(".groups .card")
    expect(groups).to_have_count(3, timeout=60_000)
    before = groups.locator("h2").all_inner_texts()
    page.get_by_label("Class 2").fill("food")
    expect(groups.nth(1).locator("h2")).to_contain_text("food", timeout=60_000)
    counts = [int(re.findall(r"\d+", each)[-1]) for each in groups.locator("h2").all_inner_texts()]
    total = int(re.findall(r"(\d+) items", page.locator(".sort").inner_text())[0])
    assert sum(counts) == total
    assert groups.locator("h2").all_inner_texts() != before

    page.get_by_label("Keep these as").fill("things")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_label("Kept label sets")).to_contain_text("things")
    page.get_by_label("Class 1").fill("something else")
    page.get_by_label("Kept label sets").select_option("things")
    expect(page.get_by_label("Class 1")).to_have_value("animal")
