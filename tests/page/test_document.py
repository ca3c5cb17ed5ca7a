"""A document on the page."""

import pytest
from playwright.sync_api import expect

from tests.page.conftest import Visit

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

_MARKUP = '<script>document.title="owned"</script><img src=x onerror="document.title=1"><b>bold</b>'


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
    assert page.title() not in {"owned", "1"}
    assert page.locator("main b").count() == 0
