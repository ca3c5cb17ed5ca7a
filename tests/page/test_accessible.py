"""axe-core finds nothing to complain of, in any view, light and dark, narrow and wide."""

from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from samespace.client import Client, Source
from samespace.operations.stack.stack import Stack
from tests.page.conftest import Visit
from tests.page.test_frame import settled
from tests.services import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

# Of WCAG 2.2 the size of what is pressed is checked too; axe leaves that out unless it is told.
_OPTIONS = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}


def nothing(_: Page) -> None:
    """The view as it opens."""


def unfold_why(page: Page) -> None:
    page.get_by_role("button", name="Why").first.click()
    expect(page.locator(".why").first).to_be_visible()


def add_a_file(page: Page) -> None:
    page.set_input_files("input[type=file][multiple]", Path(__file__))
    expect(page.locator(".file").first).to_be_visible()


def sort(page: Page) -> None:
    page.get_by_label("Class 1", exact=True).fill("animal")
    page.get_by_label("Class 2", exact=True).fill("vehicle")
    expect(page.locator(".groups .card")).to_have_count(3, timeout=60_000)


def draw_map(page: Page) -> None:
    expect(page.get_by_role("application", name="Map of mapped")).to_be_visible()
    expect(page.locator(".plot button").first).to_be_visible()


def offer_map(page: Page) -> None:
    expect(page.get_by_role("button", name="Make the map")).to_be_visible()


def open_dialog(page: Page) -> None:
    page.get_by_role("button", name="Delete library…").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def open_document(page: Page) -> None:
    page.locator(".hit .body").first.click()
    expect(page.locator("article.document h1")).to_be_visible()


def lock(page: Page) -> None:
    page.route("**/v1/**", lambda route: route.fulfill(status=401, json={"detail": "a key"}))
    page.reload()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


VIEWS: tuple[tuple[str, str, Callable[[Page], None]], ...] = (
    ("search, nothing asked", "/", nothing),
    ("search, passages and pictures", "/?q=a+cat", unfold_why),
    ("search, chips", '/?p=["w",2,"a+cat"]&p=["w",-1,"a+dog"]', nothing),
    ("search, nothing fits", "/?q=zxqv+wkjh+qqq", nothing),
    ("document", "/?q=lighthouse&t=text", open_document),
    ("add", "/add", add_a_file),
    ("sort", "/sort", sort),
    ("map", "/map?c=mapped", draw_map),
    ("map, none made", "/map?c=unmapped", offer_map),
    ("collections", "/collections", open_dialog),
    ("no such page", "/nothing", nothing),
    ("sign-in", "/", lock),
)


@pytest.fixture(scope="module")
def _maps(stack: Stack) -> None:
    """Two collections, one with a map; the library's is made by the tests of the map."""
    river = Source("A river runs to the sea.")
    boat = Source(ROOT / "samples" / "pictures" / "drawing-sailing-boat.png")
    with Client(stack.url) as client:
        for name in ("mapped", "unmapped"):
            client.create_collection(name)
            client.wait(*client.add(name, [river, boat])["job_ids"])
        client.map("mapped")


@pytest.mark.usefixtures("_maps")
@pytest.mark.parametrize(
    ("path", "act"), [each[1:] for each in VIEWS], ids=[each[0] for each in VIEWS]
)
def test_axe_finds_nothing(
    visit: Visit, library: str, path: str, act: Callable[[Page], None]
) -> None:
    visit.expect_problem(r"\b40[14]\b")  # of the sign-in and of the page that is not there
    page = visit.page
    page.add_init_script(f"localStorage.setItem('collection', '{library}')")
    settled(visit.open(path))
    act(page)
    assert complaints(page) == {}


def complaints(page: Page) -> dict[tuple[int, str], list[str]]:
    """What axe finds in a view as it is, narrow and wide, light and dark."""
    found = {}
    for width, theme in product((390, 1280), ("light", "dark")):
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        violations = Axe().run(page, options=_OPTIONS).response["violations"]
        if violations:
            found[width, theme] = [
                f"{each['id']}: {', '.join(str(node['target']) for node in each['nodes'])}"
                for each in violations
            ]
    return found
