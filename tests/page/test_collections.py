"""Collections and health on the page."""

import re

import pytest
from playwright.sync_api import expect

from tests.page.conftest import Visit

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


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
