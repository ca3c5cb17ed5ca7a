"""What holds for every view of the page."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.page.conftest import Visit
from tests.page.steps import give
from tests.services import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

VIEWS = ("/", "/?q=a+cat", "/add", "/sort", "/map", "/collections")


def settled(page: Page) -> Page:
    """Once the view is there and nothing is asked any more but what the event stream tells."""
    page.wait_for_selector("main :is(section, article)")
    expect(page.locator("main [aria-busy=true]")).to_have_count(0)
    return page


def test_a_second_visit_loads_nothing_anew(visit: Visit) -> None:
    settled(visit.open("/add"))
    statuses: list[int] = []
    visit.page.on(
        "response",
        lambda answer: statuses.append(answer.status) if "/page/" in answer.url else None,
    )
    settled(visit.open("/add"))
    moved = visit.page.evaluate(
        "performance.getEntriesByType('resource').filter((each) => each.name.includes('/page/'))"
        ".reduce((sum, each) => sum + Math.max(0, each.transferSize - 300), 0)"
    )
    assert statuses
    assert moved == 0


def test_a_script_that_is_slipped_in_does_not_run(visit: Visit) -> None:
    visit.expect_problem("Content Security Policy|Content-Security-Policy")
    page = visit.open("/")
    page.evaluate("""() => {
      const script = document.createElement("script");
      script.textContent = "window.owned = true";
      document.body.append(script);
      const picture = document.createElement("div");
      picture.innerHTML = '<img src="/page/none.png" onerror="window.owned = true">';
      document.body.append(picture);
    }""")
    visit.expect_problem("404")
    expect(page.locator("img[src='/page/none.png']")).to_have_js_property("complete", value=True)
    assert page.evaluate("window.owned") is None
    assert any("Content Security Policy" in problem for problem in visit.problems)


@pytest.mark.parametrize("view", ["/", "/sort", "/map", "/collections"])
def test_a_dropped_file_never_replaces_the_page(visit: Visit, view: str) -> None:
    page = visit.open(view)
    file = ROOT / "samples" / "SOURCES.md"
    assert [
        give(page.locator("header"), event, file, "text/markdown") for event in ("dragover", "drop")
    ] == [False, False]


def test_the_chosen_colours_are_there_before_the_first_paint(visit: Visit) -> None:
    page = visit.open("/")
    page.get_by_role("button", name="Colours: as the system has it").click()
    page.get_by_role("button", name="Colours: light").click()
    expect(page.get_by_role("button", name="Colours: dark")).to_be_visible()
    page.route("**/js/app.js", lambda route: route.abort())
    visit.expect_problem("ERR_FAILED")
    page.goto(visit.url)
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"


def test_a_page_that_cannot_start_says_so(visit: Visit) -> None:
    visit.expect_problem("ERR_FAILED")
    visit.page.route("**/js/views/search.js", lambda route: route.abort())
    visit.page.goto(visit.url)
    expect(visit.page.get_by_role("alert")).to_contain_text("could not be started")


def test_an_address_that_is_none_is_explained(visit: Visit) -> None:
    visit.expect_problem("404")
    page = visit.open("/toString")
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
    assert page.title().startswith("Not found")
    page.get_by_role("link", name="Go to the search").click()
    expect(page).to_have_url(f"{visit.url}/")
    assert (
        page.request.get(f"{visit.url}/nothing")
        .headers["content-type"]
        .startswith("application/problem")
    )


def test_a_step_to_another_view_moves_title_and_focus(visit: Visit, library: str) -> None:
    page = settled(visit.open(f"/?c={library}&q=a+cat"))
    expect(page).to_have_title(f"a cat · Search · {library} · samespace")
    page.get_by_role("link", name="Sort", exact=True).click()
    expect(page).to_have_title(f"Sort · {library} · samespace")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.go_back()
    expect(page).to_have_title(re.compile("^a cat · Search"))
    page.keyboard.press("Tab")
    assert page.evaluate("document.getElementById('main').contains(document.activeElement)")


def test_the_keyboard_can_skip_the_frame(visit: Visit) -> None:
    page = settled(visit.open("/add"))
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Add")


def test_a_server_that_is_away_is_told_until_it_is_back(visit: Visit) -> None:
    visit.expect_problem("ERR_INTERNET_DISCONNECTED|ERR_FAILED|Failed to load")
    page = settled(visit.open("/collections"))
    page.context.set_offline(True)
    expect(page.get_by_text("The server does not answer.")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("The server does not answer.")).to_have_count(0)


def test_a_mistake_in_a_script_is_said_and_leaves_the_page_alive(visit: Visit) -> None:
    visit.expect_problem("out of order")
    page = settled(visit.open("/add"))
    page.evaluate("setTimeout(() => { throw new Error('out of order'); })")
    expect(page.locator(".notice")).to_contain_text("out of order")
    page.get_by_role("link", name="Collections", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


@pytest.mark.parametrize("width", [320, 640])
def test_nothing_is_wider_than_a_narrow_window(visit: Visit, library: str, width: int) -> None:
    """320 wide is what a window of 1280 has at a zoom of 400%, 640 at 200%."""
    page = visit.page
    page.set_viewport_size({"width": width, "height": 640})
    for view in VIEWS:
        settled(visit.open(f"{view}{'&' if '?' in view else '?'}c={library}"))
        assert page.evaluate("document.documentElement.scrollWidth") <= width, view
        inside = "all => all.every((one) => one.scrollWidth <= one.clientWidth + 1)"
        assert page.locator(".top nav a").evaluate_all(inside), view
