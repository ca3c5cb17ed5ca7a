"""The search box: the typed syntax, chips, pictures of one's own, the keyboard."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.page.conftest import Visit, visiting
from tests.page.steps import ask, give
from tests.search.typed import CASES
from tests.services import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

_FROG = ROOT / "samples" / "pictures" / "drawing-frog.png"


def test_what_is_typed_is_read_as_the_command_line_reads_it(visit: Visit) -> None:
    page = visit.open("/")
    read = page.evaluate(
        """async (all) => {
          const {parseQuery} = await import("/page/js/search/syntax.js");
          return all.map((text) => {
            const {parts, problem} = parseQuery(text);
            return problem || parts.map((part) => [part.value, part.weight]);
          });
        }""",
        list(CASES),
    )
    assert dict(zip(CASES, read, strict=True)) == {
        text: wanted if isinstance(wanted, str) else [list(part) for part in wanted]
        for text, wanted in CASES.items()
    }


def test_parts_are_written_as_they_are_read(visit: Visit) -> None:
    page = visit.open("/")
    parts = [
        ["16:45 train", 1],
        ["16:45 train", 2],
        ["2:1 win", -1],
        ["red car", 0.5],
        ["2024", -3],
        ["1:n", 1],
        ["2:cat", 1],
        ["the 2:cat", 2],
        ["3::cats", 1],
        [" spaced", 2],
        ["a - b", 1],
    ]
    again = page.evaluate(
        """async (all) => {
          const {parseQuery, formatPart} = await import("/page/js/search/syntax.js");
          return all.map(([value, weight]) => {
            const [part] = parseQuery(formatPart({value, weight})).parts;
            return [part.value, part.weight];
          });
        }""",
        parts,
    )
    assert again == parts


def test_a_query_that_says_more_becomes_chips_and_stands_in_the_address(
    visit: Visit, library: str
) -> None:
    page = visit.open(f"/?c={library}")
    ask(page, '2:"red car" - text')
    expect(page.locator(".chip")).to_have_count(2)
    expect(page.get_by_role("searchbox")).to_be_focused()
    assert _weights(page) == ["2", "-1"]
    shared = page.url

    weight = page.get_by_label("Weight of red car")
    weight.fill("-0.25")
    weight.press("Enter")
    expect(page).not_to_have_url(shared)
    expect(weight).to_be_focused()
    expect(page.locator(".chip.negative")).to_have_count(2)
    page.go_back()
    expect(page).to_have_url(shared)
    expect(weight).to_have_value("2")
    page.go_forward()
    expect(weight).to_have_value("-0.25")

    page.get_by_role("button", name="Remove red car").click()
    expect(page.locator(".chip")).to_have_count(1)
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Backspace")
    expect(page.locator(".chip")).to_have_count(0)
    expect(page.get_by_role("searchbox")).to_have_value("- text")


def test_what_cannot_be_read_is_told_at_the_box(visit: Visit, library: str) -> None:
    page = visit.open(f"/?c={library}")
    ask(page, "car +")
    expect(page.get_by_role("alert")).to_have_text("nothing follows the '+' at place 2")
    expect(page.get_by_role("searchbox")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type(" bus")
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("event", ["drop", "paste"])
def test_a_picture_of_ones_own_is_a_part_and_stays_in_this_browser(
    visit: Visit, browser: Browser, library: str, event: str
) -> None:
    page = visit.open(f"/?c={library}&t=image")
    expect(page.get_by_role("searchbox")).to_be_visible()
    give(page.locator("main"), event, _FROG)
    expect(page.locator(".chip img")).to_be_visible()
    expect(page.locator(".hit").first).to_contain_text("frog")
    with_picture = page.url
    page.reload()
    expect(page.locator(".chip img")).to_be_visible()
    expect(page.locator(".hit").first).to_contain_text("frog")
    ask(page, "a cat")
    page.go_back()
    expect(page.locator(".hit").first).to_contain_text("frog")

    with visiting(browser, visit.url) as other:
        other.page.goto(with_picture)
        expect(other.page.get_by_role("alert")).to_contain_text("drawing-frog.png")
        expect(other.page.locator(".chip")).to_contain_text("missing")
        other.page.get_by_role("button", name="Search without").click()
        expect(other.page.locator(".chip")).to_have_count(0)


def test_a_file_that_is_no_picture_is_refused_in_words(visit: Visit, library: str) -> None:
    page = visit.open(f"/?c={library}")
    expect(page.get_by_role("searchbox")).to_be_visible()
    give(page.locator("header"), "drop", ROOT / "samples" / "SOURCES.md", "text/markdown")
    expect(page.locator(".notice")).to_contain_text("Only pictures can be used to search")
    assert page.locator(".chip").count() == 0


def test_the_keyboard_is_enough(visit: Visit, library: str) -> None:
    page = visit.open(f"/?c={library}")
    expect(page.get_by_role("searchbox")).to_be_visible()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("a frog")
    page.keyboard.press("Escape")
    expect(page.get_by_role("searchbox")).to_have_value("")
    page.keyboard.type("an animal")
    page.keyboard.press("Enter")
    links = page.locator(".hit .body")
    expect(links.nth(7)).to_be_attached()
    expect(page.get_by_role("searchbox")).to_be_focused()

    page.keyboard.press("ArrowDown")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    columns = page.locator(".grid").evaluate(
        "grid => getComputedStyle(grid).gridTemplateColumns.split(' ').length"
    )
    opened = links.nth(1 + columns)
    expect(opened).to_be_focused()
    name = opened.locator("xpath=ancestor::li").get_attribute("id")
    page.keyboard.press("Enter")
    expect(page.locator("article.document h1")).to_be_visible()

    page.go_back()
    expect(page.locator(f"#{name} .body")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("searchbox")).to_be_focused()


def _weights(page: Page) -> list[str]:
    weights: list[str] = page.locator(".chip input").evaluate_all(
        "all => all.map(one => one.value)"
    )
    return weights


def test_words_are_marked_whatever_their_case_and_accents(visit: Visit) -> None:
    page = visit.open("/")
    cases = [
        ("café", "Two CAFES and a Café.", ["CAFES", "Café"]),
        ("Öl", "oel, Öl", []),
        ("lighthouses", "The Lighthouse; a light", ["Lighthouse"]),
        ("the cat", "the cats catalogue", ["cats"]),
        ("猫", "黒い猫がいる", ["猫"]),
        ("a.*b <b>bold", "a b <b>bold</b> axb", ["bold"]),
        ("Straße", "strasse STRASSE Straße", ["Straße"]),
    ]
    found = page.evaluate(
        """async (all) => {
          const {highlight, termsOf} = await import("/page/js/search/highlight.js");
          const {textPart} = await import("/page/js/search/query.js");
          return all.map(([query, text]) =>
            [highlight(text, termsOf([textPart(query)]))].flat(3)
              .filter((piece) => typeof piece !== "string").map((piece) => piece.props.children));
        }""",
        [[query, text] for query, text, _ in cases],
    )
    assert found == [wanted for _, _, wanted in cases]
