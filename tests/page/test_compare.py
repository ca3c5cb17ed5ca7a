"""Two models of a collection side by side on the page."""

import re
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Locator, Page, expect

from samespace.client import Client
from samespace.operations.stack.stack import Stack
from samespace.wiring import open_services
from tests.page.conftest import Visit
from tests.page.steps import ask
from tests.page.test_accessible import complaints
from tests.second_index import build_second

pytestmark = [pytest.mark.slow, pytest.mark.timeout(360)]

_LONG = 240_000


@pytest.fixture(scope="module")
def library_of_two(stack: Stack, library: str) -> Iterator[str]:
    """The library with a second index beside the live one, whose vectors are a little turned."""
    with closing(open_services(stack.settings)) as services:
        second = build_second(library, services, same_vectors=True, noise=0.03)
        yield library
        services.index.drop(second.index_name)
        services.records.indexes.remove(second.id)


def columns(page: Page) -> Locator:
    """Both columns, once they are there."""
    expect(page.locator(".column")).to_have_count(2)
    return page.locator(".column")


def test_both_answers_are_shown_with_what_moved(visit: Visit, library_of_two: str) -> None:
    page = visit.open(f"/compare?c={library_of_two}")
    expect(page.get_by_role("link", name="Compare")).to_have_attribute("aria-current", "page")
    expect(page.locator(".compare")).to_contain_text("starter (live)")
    ask(page, "a cat")
    left, right = columns(page).all()
    expect(left.locator("h2")).to_contain_text("A starter (live)")
    expect(right.locator("h2")).to_contain_text("B starter (building)")
    expect(left.locator(".answer")).to_have_count(10)
    names = [side.locator(".name").all_inner_texts() for side in (left, right)]
    assert names[0] != names[1]
    for number, name in enumerate(names[1]):
        moved = right.locator(".moved").nth(number).inner_text()
        if names[0].count(name) == names[1].count(name) == 1:
            steps = names[0].index(name) - number
            places = "place" if abs(steps) == 1 else "places"
            wanted = f"{abs(steps)} {places} {'higher' if steps > 0 else 'lower'}"
            assert (wanted if steps else "same place") in moved
        elif name not in names[0]:
            assert moved == "only here"


def test_blind_marks_hide_the_names_until_they_are_given(visit: Visit, library_of_two: str) -> None:
    page = visit.open(f"/compare?c={library_of_two}")
    page.get_by_label("Blind: hide which side is which").check()
    expect(page).to_have_url(re.compile("b=1"))
    ask(page, "a ship on the sea")
    left, right = columns(page).all()
    expect(left.locator("h2")).to_have_text("A")
    expect(right.locator("h2")).to_have_text("B")
    button = page.get_by_role("button", name="A is better")
    button.focus()
    page.keyboard.press("Enter")
    said = page.locator(".preference [role=status]")
    expect(said).to_contain_text(re.compile("Kept. A was starter .*, B was starter"))
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(left.locator("h2")).to_contain_text("starter (")
    page.get_by_role("button", name="B is better").click(force=True)
    expect(button).to_have_attribute("aria-pressed", "true")  # it was blind, and is not changed
    expect(page.locator(".verdicts")).to_contain_text("1 of 1 blind")
    expect(page.get_by_role("button", name="a ship on the sea", exact=True)).to_be_visible()


def test_answers_are_marked_and_measured(visit: Visit, stack: Stack, library_of_two: str) -> None:
    page = visit.open(f"/compare?c={library_of_two}&q=bread")
    first = columns(page).first.locator(".answer").first
    good = first.get_by_role("button", name="A good answer")
    good.click()
    expect(good).to_have_attribute("aria-pressed", "true")
    with Client(stack.url) as client:
        marked = [one for one in client.kept_queries(library_of_two) if one["words"] == "bread"]
    assert len(marked[0]["good"]) == 1
    page.get_by_role("button", name="Compare in figures").click()
    expect(page.get_by_text("How alike the answers are, with 95% intervals")).to_be_visible(
        timeout=_LONG
    )
    expect(page.locator(".verdicts")).to_contain_text("too few; judge at least 20")
    expect(page.locator(".tables")).to_contain_text("By 1 query that people marked")
    good.click()
    expect(good).to_have_attribute("aria-pressed", "false")
    page.get_by_role("button", name="Forget bread").click()
    expect(page.get_by_role("button", name="Forget bread")).to_have_count(0)


def test_axe_finds_nothing(visit: Visit, stack: Stack, library_of_two: str) -> None:
    with Client(stack.url) as client:
        client.keep_query(library_of_two, "a cat")
        client.wait(client.start_comparison(library_of_two, sample=2))
    page = visit.open(f"/compare?c={library_of_two}&q=a+cat&b=1")
    columns(page)
    expect(page.locator(".tables table").first).to_be_visible()
    assert complaints(page) == {}
    page.get_by_role("button", name="No difference").click()
    expect(page.locator(".column h2").first).to_contain_text("starter")
    assert complaints(page) == {}


def test_a_collection_of_one_model_says_how_to_get_another(visit: Visit, stack: Stack) -> None:
    with Client(stack.url) as client:
        client.create_collection("alone")
    page = visit.open("/compare?c=alone")
    expect(page.locator("main")).to_contain_text("samespace collections model alone MODEL")
    visit.open("/?c=alone")
    expect(page.get_by_role("link", name="Compare")).to_have_count(0)
