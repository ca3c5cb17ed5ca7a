"""The map on the page: made by a click, looked at, selected from, by mouse and by keyboard."""

import json
import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from samespace.client import Client, Source
from tests.page.conftest import Visit
from tests.page.steps import ask
from tests.page.synthetic_map import SyntheticMap

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

_WATCH_FRAMES = """() => {
  window.frames_ms = [];
  let last = performance.now();
  const tick = (now) => { frames_ms.push(now - last); last = now; requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
  window.long_tasks = [];
  new PerformanceObserver((list) => long_tasks.push(...list.getEntries().map((each) => each.duration)))
    .observe({type: "longtask"});
}"""


def _canvas(page: Page) -> Locator:
    return page.get_by_role("application", name=re.compile("^Map of"))


def _counted(text: str) -> tuple[int, int]:
    """The passages and pictures that a sentence of the page names."""
    found = re.search(r"([\d,]+) passages? and ([\d,]+) pictures?", text)
    assert found, text
    passages, pictures = (int(each.replace(",", "")) for each in found.groups())
    return passages, pictures


def _drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    box = _canvas(page).bounding_box()
    assert box
    page.mouse.move(box["x"] + start[0] * box["width"], box["y"] + start[1] * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + end[0] * box["width"], box["y"] + end[1] * box["height"], steps=30)
    page.mouse.up()


def _in_view(page: Page) -> Locator:
    return page.get_by_role("status").filter(has_text="In view:")


# The library is filled before, and the first map of a machine is compiled.
@pytest.mark.timeout(420)
def test_the_map_is_made_by_a_click_and_an_area_of_it_is_searched(
    visit: Visit, library: str
) -> None:
    page = visit.open(f"/map?c={library}")
    page.get_by_role("button", name="Make the map").click()
    expect(_canvas(page)).to_be_visible(timeout=240_000)
    passages, pictures = _counted(_canvas(page).get_attribute("aria-label") or "")
    with Client(visit.url) as client:
        assert passages + pictures == client.collection(library)["items"]
        points = client.kept_map(library)["points"]
    assert pictures > 22  # and the scan in a document

    page.keyboard.down("Shift")
    _drag(page, (0.02, 0.3), (0.6, 0.98))
    page.keyboard.up("Shift")
    group = page.get_by_role("group", name="Selected area")
    chosen = _counted(group.inner_text())
    assert 0 < sum(chosen) < passages + pictures
    group.get_by_role("button", name="List").click()
    expect(group.get_by_role("listitem")).to_have_count(min(60, sum(chosen)))
    listed = _items_of(
        group.get_by_role("listitem")
        .get_by_role("link")
        .evaluate_all("all => all.map(one => one.href)")
    )
    group.get_by_role("link", name="Search in this area").click()

    expect(page.get_by_text("an area of the map")).to_be_visible()
    area = json.loads(parse_qs(urlsplit(page.url).query)["f"][0])["$area"]
    x0, y0, x1, y1 = area
    inside = {
        point["item"] for point in points if x0 <= point["x"] <= x1 and y0 <= point["y"] <= y1
    }
    assert len(inside) == sum(chosen)
    assert listed
    assert listed <= inside
    ask(page, "a picture of an animal")
    expect(page.locator(".hit").first).to_be_visible()
    hits = _items_of(page.locator(".hit .body").evaluate_all("all => all.map(one => one.href)"))
    assert hits
    assert hits <= inside
    page.get_by_role("button", name=re.compile("an area of the map")).click()
    expect(page).not_to_have_url(re.compile("area"))


def _items_of(links: list[str]) -> set[str]:
    return {parse_qs(urlsplit(link).query)["i"][0] for link in links if "i=" in link}


def test_the_keyboard_is_enough_on_the_map(visit: Visit, library: str) -> None:
    visit.expect_problem("status of 404")  # the documents of a map that no server made
    synthetic = SyntheticMap(400)
    synthetic.put_on(visit.page, library)
    page = visit.open(f"/map?c={library}")
    _canvas(page).focus()
    page.keyboard.press("ArrowRight")
    spoken = page.locator("[aria-live=polite]").filter(has_text=re.compile("^(Passage|Picture) of"))
    expect(spoken).to_have_count(1)
    first = spoken.inner_text()
    page.keyboard.press("ArrowUp")
    expect(spoken).not_to_have_text(first)

    everything = _counted(_in_view(page).inner_text())
    for _ in range(4):
        page.keyboard.press("+")
    expect(page).to_have_url(re.compile("at="))
    fewer = _counted(_in_view(page).inner_text())
    assert 0 < sum(fewer) < sum(everything)
    page.keyboard.press("s")
    group = page.get_by_role("group", name="Selected area")
    expect(group).to_contain_text("selected")
    assert _counted(group.inner_text()) == fewer
    page.keyboard.press("Escape")
    expect(group).to_be_hidden()

    where = parse_qs(urlsplit(page.url).query)["at"]
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/document"))
    page.go_back()
    expect(_canvas(page)).to_be_focused()
    assert parse_qs(urlsplit(page.url).query)["at"] == where


def test_pictures_show_themselves_when_one_is_near(visit: Visit, library: str) -> None:
    synthetic = SyntheticMap(20_000)
    synthetic.put_on(visit.page, library)
    page = visit.open(f"/map?c={library}")
    expect(_in_view(page)).to_contain_text("passages")
    assert synthetic.asked_items == synthetic.asked_pictures == 0
    _canvas(page).focus()
    page.keyboard.press("ArrowRight")
    with page.expect_request(re.compile("thumbnail")):
        for _ in range(6):
            page.keyboard.press("+")
    assert 0 < synthetic.asked_items <= 200


def test_hovering_tells_and_a_click_opens(visit: Visit, library: str) -> None:
    visit.expect_problem("status of 404")
    SyntheticMap(1).put_on(visit.page, library)
    page = visit.open(f"/map?c={library}")
    expect(_in_view(page)).to_be_visible()
    _canvas(page).hover()
    expect(page.get_by_text(re.compile("^The text of|^Picture$"))).to_be_visible()
    _canvas(page).click()
    expect(page).to_have_url(re.compile("/document"))


def test_a_map_that_is_not_fresh_says_so(visit: Visit, library: str) -> None:
    SyntheticMap(50, fresh=False).put_on(visit.page, library)
    page = visit.open(f"/map?c={library}")
    expect(page.get_by_text("The collection has changed since this map was made.")).to_be_visible()
    expect(page.get_by_role("button", name="Update the map")).to_be_enabled()


def test_an_empty_collection_leads_to_adding(visit: Visit) -> None:
    with Client(visit.url) as client:
        client.create_collection("bare")
    page = visit.open("/map?c=bare")
    page.get_by_role("link", name="Add something").click()
    expect(page).to_have_url(re.compile("/add"))


def test_making_a_map_is_called_off(visit: Visit) -> None:
    with Client(visit.url) as client:
        client.create_collection("uncharted")
        client.wait(*client.add("uncharted", [Source("land"), Source("water")])["job_ids"])
        page = visit.open("/map?c=uncharted")
        page.get_by_role("button", name="Make the map").click()
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_role("button", name="Make the map")).to_be_visible()
        expect(page.get_by_role("alert")).to_have_count(0)
        assert next((job["kind"], job["state"]) for job in client.jobs("uncharted")) == (
            "map",
            "cancelled",
        )
        client.delete_collection("uncharted")


@pytest.mark.alone
def test_fifty_thousand_points_move_smoothly(
    visit: Visit, library: str, record_property: Callable[[str, object], None]
) -> None:
    synthetic = SyntheticMap(50_000)
    synthetic.put_on(visit.page, library)
    page = visit.open(f"/map?c={library}")
    expect(_in_view(page)).to_contain_text("passages")
    assert _counted(_in_view(page).inner_text()) == (
        50_000 - synthetic.pictures,
        synthetic.pictures,
    )
    page.evaluate(_WATCH_FRAMES)
    _drag(page, (0.4, 0.4), (0.6, 0.6))
    _drag(page, (0.6, 0.6), (0.3, 0.5))
    for _ in range(20):
        page.mouse.wheel(0, -60)
    frames = sorted(page.evaluate("frames_ms"))
    longest = max(page.evaluate("long_tasks"), default=0.0)
    median, late = frames[len(frames) // 2], frames[int(len(frames) * 0.95)]
    record_property(
        "frames", f"{median:.1f} ms median, {late:.1f} ms at 95%, longest {longest:.0f}"
    )
    assert median < 34  # a machine that is busy with other tests drops every other frame
    assert late < 100
    assert longest < 200
