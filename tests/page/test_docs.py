"""The API's own page in a browser, under its policy."""

import pytest
from playwright.sync_api import expect

from tests.page.conftest import Visit

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def test_the_api_is_described_and_can_be_tried(visit: Visit) -> None:
    page = visit.page
    page.goto(f"{visit.url}/docs")
    expect(page.get_by_role("heading", name="samespace")).to_be_visible()
    page.get_by_role("button", name="GET /healthz", exact=False).first.click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    answered = page.locator(".live-responses-table tr.response .response-col_status")
    expect(answered).to_contain_text("200")
