"""Searching on the page: words, pictures, composed queries, the keyboard."""

import re

import pytest
from playwright.sync_api import expect

from tests.page.conftest import Visit
from tests.page.steps import ask
from tests.services import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def test_words_find_pictures_and_a_picture_finds_passages(visit: Visit, library: str) -> None:
    page = visit.open(f"/?c={library}")
    ask(page, "a cat")
    page.get_by_text("Pictures", exact=True).click()
    first = page.locator(".hit.picture").first
    expect(first.locator("img")).to_have_js_property("complete", True)
    assert "cat" in first.inner_text()

    first.get_by_role("button", name=re.compile("More like")).click()
    page.get_by_text("Passages", exact=True).click()
    expect(page.locator(".hit.passage").first).to_be_visible()
    assert page.locator(".chip").count() == 1


def test_a_query_that_says_more_becomes_chips_and_stands_in_the_address(
    visit: Visit, library: str
) -> None:
    page = visit.open(f"/?c={library}")
    ask(page, '2:"red car" - text')
    expect(page.locator(".chip")).to_have_count(2)
    weights = page.locator(".chip input").evaluate_all("all => all.map(one => one.value)")
    assert weights == ["2", "-1"]
    shared = page.url

    page.locator(".chip input").first.fill("3")
    page.locator(".chip input").first.blur()
    expect(page).not_to_have_url(shared)
    page.go_back()
    expect(page).to_have_url(shared)
    expect(page.locator(".chip input").first).to_have_value("2")
    expect(page.locator(".hit").first).to_be_visible()


def test_the_list_goes_on_without_repeats(visit: Visit, library: str) -> None:
    page = visit.open(f"/?c={library}")
    ask(page, "animal")
    expect(page.locator(".hit")).to_have_count(24)
    page.locator(".further").scroll_into_view_if_needed()
    expect(page.locator(".hit").nth(30)).to_be_attached()
    links = page.locator(".hit .body").evaluate_all("all => all.map(one => one.href)")
    assert len(links) == len(set(links))


def test_why_tells_what_each_space_says(visit: Visit, library: str) -> None:
    page = visit.open(f"/?c={library}&q=lighthouse")
    page.get_by_role("button", name=re.compile("^Why")).first.click()
    expect(page.locator(".why").first).to_contain_text("starter")


def test_the_keyboard_is_enough_to_search_and_open(visit: Visit, library: str) -> None:
    page = visit.open(f"/?c={library}")
    page.keyboard.press("/")
    page.keyboard.type("a frog")
    page.keyboard.press("Enter")
    expect(page.locator(".hit").first).to_be_visible()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.hit .body')"):
            break
    page.keyboard.press("Enter")
    expect(page.locator("article.document h1")).to_be_visible()


def test_a_picture_that_is_pasted_becomes_a_part(visit: Visit, library: str) -> None:
    page = visit.open(f"/?c={library}")
    picture = next((ROOT / "samples" / "pictures").glob("drawing-frog.png"))
    page.set_input_files(".box input[type=file]", picture)
    expect(page.locator(".chip img")).to_be_visible()
    expect(page.locator(".hit").first).to_contain_text("frog")
    page.reload()
    expect(page.locator(".hit").first).to_contain_text("frog")
