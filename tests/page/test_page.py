"""The page as somebody uses it: adding, searching, looking, sorting, collections."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.page.conftest import Visit
from tests.services import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

_MARKUP = '<script>document.title="owned"</script><img src=x onerror="document.title=1"><b>bold</b>'


def ask(page: Page, words: str) -> None:
    """Type a query and send it."""
    box = page.get_by_role("searchbox")
    box.fill(words)
    box.press("Enter")


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


def test_a_document_opens_at_the_passage(visit: Visit, library: str) -> None:
    page = visit.open(f"/?c={library}&q=lighthouse&t=text")
    text = page.locator(".hit .text").first.inner_text()
    page.locator(".hit .body").first.click()
    wanted = page.locator(".passages li.wanted")
    expect(wanted).to_be_in_viewport()
    assert text[:30] in wanted.inner_text().replace("\n", " ") or text[:10] in wanted.inner_text()


def test_markup_in_documents_shows_as_text(visit: Visit) -> None:
    page = visit.open("/collections")
    page.get_by_label("Name").fill("markup")
    page.get_by_role("button", name="Create").click()
    visit.open("/add?c=markup")
    page.get_by_text("Type or paste a text").click()
    page.get_by_label("Text", exact=True).fill(f"{_MARKUP} and a lighthouse")
    page.get_by_role("button", name="Add this text").click()
    expect(page.get_by_text("is on its way in")).to_be_visible()
    visit.open("/?c=markup&q=lighthouse")
    hit = page.locator(".hit .text")
    while not hit.count():
        page.wait_for_timeout(500)
        page.reload()
        page.wait_for_timeout(500)
    assert hit.first.inner_text().startswith(_MARKUP[:40])
    hit.first.click()
    expect(page.locator(".passages")).to_contain_text(_MARKUP)
    assert page.title() == "samespace"
    assert page.locator("main b").count() == 0


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


def test_deleting_a_collection_wants_its_name(visit: Visit) -> None:
    page = visit.open("/collections")
    page.get_by_label("Name").fill("doomed")
    page.get_by_role("button", name="Create").click()
    card = page.locator(".card", has=page.get_by_role("heading", name="doomed"))
    card.get_by_role("button", name="Delete…").click()
    delete = page.get_by_role("button", name="Delete", exact=True)
    expect(delete).to_be_disabled()
    page.get_by_label(re.compile("to confirm")).fill("doomed")
    delete.click()
    expect(card).to_have_count(0)


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


def test_the_page_is_light(visit: Visit) -> None:
    sizes: list[int] = []
    visit.page.on(
        "response", lambda answer: sizes.append(int(answer.headers.get("content-length", 0)))
    )
    visit.open("/")
    visit.page.wait_for_load_state("networkidle")
    assert 0 < sum(sizes) < 150_000, json.dumps(sizes)
