"""Sorting a collection into classes on the page."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.page.conftest import Visit

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

_LONG = 60_000


def name_classes(page: Page, *names: str) -> Locator:
    """Type these classes; answers the groups that come of them, `none` last."""
    for number, name in enumerate(names, 1):
        if number > page.locator(".labels li").count():
            page.get_by_role("button", name="Another class").click()
        page.get_by_label(f"Class {number}", exact=True).fill(name)
    groups = page.locator(".groups > .card")
    expect(groups).to_have_count(len(names) + 1, timeout=_LONG)
    return groups


def settled(page: Page) -> None:
    """Wait until what is shown is what is asked."""
    expect(page.locator(".sort [aria-busy=false]")).to_be_visible(timeout=_LONG)


def counts(groups: Locator) -> list[int]:
    return [int(each) for each in groups.locator(".count").all_inner_texts()]


def test_every_item_is_counted_once_and_a_changed_name_is_followed(
    visit: Visit, library: str
) -> None:
    page = visit.open(f"/sort?c={library}")
    groups = name_classes(page, "animal", "vehicle")
    settled(page)
    total = int(re.findall(r"(\d+) items? sorted", page.locator(".sort").inner_text())[0])
    assert sum(counts(groups)) == total > 30
    assert groups.first.locator(".tile").count() >= 6
    page.get_by_label("Class 2", exact=True).fill("bread and cake")
    expect(groups.nth(1).locator("h2")).to_contain_text("bread and cake", timeout=_LONG)
    settled(page)
    assert sum(counts(groups)) == total

    shared = page.url
    page.get_by_text("Pictures", exact=True).click()
    expect(page.get_by_text(f"{total} items sorted")).to_have_count(0, timeout=_LONG)
    settled(page)
    assert 20 < sum(counts(groups)) < total
    assert groups.first.locator("img").first.get_attribute("alt")
    page.go_back()
    expect(page).to_have_url(shared)
    expect(page.get_by_text(f"{total} items sorted")).to_be_visible(timeout=_LONG)
    page.reload()
    expect(page.get_by_label("Class 2", exact=True)).to_have_value("bread and cake")
    expect(groups).to_have_count(3, timeout=_LONG)


def test_the_threshold_moves_items_to_none(visit: Visit, library: str) -> None:
    page = visit.open(f'/sort?c={library}&l=["animal"]&l=["vehicle"]&n=0')
    groups = page.locator(".groups > .card")
    expect(groups).to_have_count(3, timeout=_LONG)
    settled(page)
    assert counts(groups)[-1] == 0
    slider = page.get_by_role("slider")
    slider.press("End")
    settled(page)
    expect(groups.last.locator(".count")).not_to_have_text("0", timeout=_LONG)
    expect(page).to_have_url(re.compile("n=1"))
    page.get_by_role("button", name="Automatic").click()
    expect(page).not_to_have_url(re.compile("n=1"))


def test_a_label_set_is_kept_loaded_overwritten_and_forgotten(visit: Visit, library: str) -> None:
    page = visit.open(f"/sort?c={library}")
    name_classes(page, "animal", "vehicle")
    page.get_by_label("Prompts of class 1").fill("a drawing of an animal; a text about animals")
    page.get_by_label("Save these as").fill("things")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_url(re.compile("set=things"))
    chosen = page.get_by_label("Saved label sets")
    expect(chosen).to_have_value("things")

    page.get_by_label("Class 1", exact=True).fill("something else")
    expect(chosen).to_have_value("")
    chosen.select_option("things")
    expect(page.get_by_label("Class 1", exact=True)).to_have_value("animal")
    expect(page.get_by_label("Prompts of class 1")).to_have_value(re.compile("; a text"))

    page.get_by_label("Class 2", exact=True).fill("ship")
    page.get_by_role("button", name="Overwrite").click()
    expect(page).to_have_url(re.compile("set=things"))
    visit.open(f"/sort?c={library}&set=things")
    expect(page.get_by_label("Class 2", exact=True)).to_have_value("ship")
    page.get_by_role("button", name="Delete things").click()
    expect(page.get_by_label("Saved label sets")).to_have_count(0)


def test_what_cannot_be_sorted_is_said(visit: Visit, library: str) -> None:
    page = visit.open(f"/sort?c={library}")
    expect(page.get_by_text("Name two or more classes")).to_be_visible()
    page.get_by_label("Class 1", exact=True).fill("cat")
    page.get_by_label("Class 2", exact=True).fill(" Cat")
    expect(page.get_by_text("Cat is named twice.")).to_be_visible()
    page.get_by_label("Class 2", exact=True).press("Enter")
    expect(page.get_by_label("Class 3", exact=True)).to_be_focused()
    page.keyboard.insert_text("dog")
    page.get_by_role("button", name="Remove class 2").click()
    expect(page.locator(".groups > .card")).to_have_count(3, timeout=_LONG)
    visit.open(f"/sort?c={library}&set=nowhere")
    expect(page.get_by_text("There is no label set “nowhere”")).to_be_visible()
