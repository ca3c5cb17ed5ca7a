"""The list of results: exact paging, errors in its middle, going back to where one was."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from samespace.client import Client, Source
from tests.page.conftest import Visit
from tests.page.steps import ask, found_ids, scroll_to_the_end

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def _ranking(visit: Visit, collection: str, words: str) -> list[str]:
    with Client(visit.url) as client:
        return [str(hit["id"]) for hit in client.search(collection, words, limit=200)["hits"]]


def test_the_list_is_the_whole_ranking_also_while_documents_come(
    visit: Visit, library: str
) -> None:
    wanted = _ranking(visit, library, "animal")
    page = visit.open(f"/?c={library}")
    ask(page, "animal")
    expect(page.locator(".hit")).to_have_count(24)
    with Client(visit.url) as client:
        text = "An animal is an animal, and every animal is like an animal."
        added = client.add(library, [Source(text)])
        client.wait(*added["job_ids"])
        try:
            scroll_to_the_end(page)
            assert found_ids(page) == wanted
            expect(page.locator(".further")).to_contain_text(
                f"End of the list: {len(wanted)} results"
            )
        finally:
            client.delete(library, ids=[added["documents"][0]["id"]])


def test_a_list_whose_cursor_has_expired_goes_on(visit: Visit, library: str) -> None:
    visit.expect_problem("422")
    wanted = _ranking(visit, library, "animal")
    refused: list[str] = []

    def expire(route: Route) -> None:
        cursor = _body(route).get("cursor")
        if cursor is None or refused:
            return route.continue_()
        refused.append(cursor)
        problem = {"status": 422, "code": "invalid_request", "detail": "the cursor has expired"}
        return route.fulfill(status=422, json=problem)

    visit.page.route("**/search", expire)
    page = visit.open(f"/?c={library}&q=animal")
    expect(page.locator(".hit")).to_have_count(24)
    scroll_to_the_end(page)
    assert refused
    assert found_ids(page) == wanted


def test_an_error_in_the_middle_is_told_and_can_be_tried_again(visit: Visit, library: str) -> None:
    visit.expect_problem("500")
    problem = {"status": 500, "code": "error", "detail": "the list broke off"}
    visit.page.route(
        "**/search",
        lambda route: (
            route.fulfill(status=500, json=problem)
            if "cursor" in _body(route)
            else route.continue_()
        ),
    )
    page = visit.open(f"/?c={library}&q=animal")
    page.locator(".further").scroll_into_view_if_needed()
    expect(page.get_by_role("alert")).to_contain_text("the list broke off")
    expect(page.locator(".hit")).to_have_count(24)
    page.unroute("**/search")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".hit").nth(24)).to_be_attached()


@pytest.mark.parametrize(("status", "said"), [(429, "is busy"), (503, "is not ready")])
def test_a_busy_server_is_asked_again_by_itself(
    visit: Visit, library: str, status: int, said: str
) -> None:
    visit.expect_problem(str(status))
    refused: list[int] = []

    def refuse_once(route: Route) -> None:
        if refused:
            return route.continue_()
        refused.append(status)
        problem = {"status": status, "code": "busy", "detail": "too many queries"}
        return route.fulfill(status=status, json=problem, headers={"Retry-After": "1"})

    visit.page.route("**/search", refuse_once)
    page = visit.open(f"/?c={library}&q=animal")
    expect(page.locator(".summary")).to_contain_text(said)
    expect(page.locator(".hit").first).to_be_visible()


def test_going_back_leads_to_where_one_was(visit: Visit, library: str) -> None:
    page = visit.open(f"/?c={library}&q=animal")
    expect(page.locator(".hit")).to_have_count(24)
    scroll_to_the_end(page)
    last = page.locator(".hit .body").nth(40)
    last.scroll_into_view_if_needed()
    shown, place = page.locator(".hit").count(), _place(page)
    assert place > 500
    last.click()
    expect(page.locator("article.document h1")).to_be_visible()
    page.go_back()
    expect(page.locator(".hit")).to_have_count(shown)
    assert abs(_place(page) - place) < 50

    deep = page.locator(".hit").nth(40)
    deep.get_by_role("button", name=re.compile("More like")).click()
    expect(page.locator(".chip")).to_have_count(1)
    expect(page.locator(".stale")).to_have_count(0)
    assert _place(page) == 0
    page.go_back()
    expect(page.locator(".hit")).to_have_count(shown)
    page.wait_for_function("place => Math.abs(scrollY - place) < 50", arg=place)

    page.reload()
    expect(page.locator(".hit")).to_have_count(shown)
    page.wait_for_function("place => Math.abs(scrollY - place) < 50", arg=place)


def _place(page: Page) -> float:
    place: float = page.evaluate("scrollY")
    return place


def _body(route: Route) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(route.request.post_data or "{}")
    return body
