"""Searching on the page: what is asked, what is found, and what is said where little or nothing is."""

import json
import re

import pytest
from playwright.sync_api import expect

from samespace.client import Client, Source
from tests.page.conftest import Visit
from tests.page.steps import answer, ask, hit

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

_MARKUP = '<img src=x onerror="document.title=1"><script>document.title="owned"</script>'

_MARKDOWN = {
    "## A *small* heading ##\n\nIts text.": "A *small* heading\n\nIts text.",
    "- one\n  * two\n1. three": "• one\n  • two\n1. three",
    "> said **loudly** by __him__": "said loudly by him",
    "see [the sea](http://x.test/a) and ![a gull](g.png)": "see the sea and a gull",
    "```python\nsnake_case = 2 ** 3 ** 4\n```\nand `code`": "snake_case = 2 ** 3 ** 4\nand code",
    "# <b>markup</b> stays": "<b>markup</b> stays",
    "a # b, 2 * 3 * 4, C# and [x] y": "a # b, 2 * 3 * 4, C# and [x] y",
}


def test_words_find_pictures_and_a_picture_finds_passages(visit: Visit, library: str) -> None:
    page = visit.open(f"/?c={library}")
    ask(page, "a cat")
    page.get_by_text("Pictures", exact=True).click()
    expect(page.locator(".hit.passage")).to_have_count(0)
    first = page.locator(".hit.picture").first
    expect(first.locator("img")).to_have_js_property("complete", True)
    assert "cat" in first.inner_text()

    first.get_by_role("button", name=re.compile("More like")).click()
    expect(page.locator(".chip img")).to_be_visible()
    expect(page.locator(".summary")).to_be_focused()
    page.get_by_text("Passages", exact=True).click()
    expect(page.locator(".hit.picture")).to_have_count(0)
    expect(page.locator(".hit.passage").first).to_contain_text(re.compile("cat", re.IGNORECASE))


def test_a_result_is_added_to_the_query(visit: Visit, library: str) -> None:
    page = visit.open(f"/?c={library}&q=a+cat&t=image")
    page.get_by_role("button", name=re.compile("to the query")).first.click()
    expect(page.locator(".chip")).to_have_count(1)
    expect(page.get_by_role("searchbox")).to_have_value("a cat")


def test_matching_words_of_a_passage_are_marked(visit: Visit, library: str) -> None:
    page = visit.open(f"/?c={library}&q=LIGHTHOUSE&t=text")
    expect(page.locator(".hit mark").first).to_have_text(re.compile("lighthouse", re.IGNORECASE))


def test_markdown_is_shown_as_its_words(visit: Visit) -> None:
    read = visit.open("/").evaluate(
        """async (all) => {
          const {plainText} = await import("/page/js/search/markdown.js");
          return all.map((text) => [plainText(text, "text/markdown"), plainText(text, "text/plain")]);
        }""",
        list(_MARKDOWN),
    )
    assert read == [[said, written] for written, said in _MARKDOWN.items()]


def test_why_tells_what_each_space_says(visit: Visit, library: str) -> None:
    page = visit.open(f"/?c={library}&q=lighthouse")
    button = page.get_by_role("button", name=re.compile("^Why")).first
    expect(page.locator(".hit meter").first).to_have_attribute("max", "6")
    button.click()
    why = page.locator(".why").first
    expect(why).to_contain_text(re.compile(r"starter\s*0\.\d{3}\s*\d+\.\d\d\s*1"))
    page.keyboard.press("Escape")
    expect(why).to_have_count(0)


def test_filters_are_those_of_the_metadata(visit: Visit) -> None:
    with Client(visit.url) as client:
        client.create_collection("filtered")
        sources = [
            Source(f"A note on rivers, number {number}.", metadata={"year": 2000 + number % 2})
            for number in range(5)
        ]
        client.wait(*client.add("filtered", sources)["job_ids"])
    page = visit.open("/?c=filtered&q=rivers")
    expect(page.locator(".hit")).to_have_count(5)
    page.locator(".filters summary").click()
    page.get_by_label("year").select_option(label="2000 (3)")
    expect(page.locator(".hit")).to_have_count(3)
    shared = page.url

    page.goto(shared)
    expect(page.locator(".hit")).to_have_count(3)
    page.get_by_role("button", name="Remove the filter year: 2000").click()
    expect(page.locator(".hit")).to_have_count(5)
    expect(page.get_by_role("searchbox")).to_be_focused()


def test_a_filter_that_was_made_elsewhere_is_named_and_kept(visit: Visit, library: str) -> None:
    made = json.dumps({"$media_type": {"in": ["image/png", "image/jpeg"]}})
    page = visit.open(f"/?c={library}&q=a+cat&f={made}")
    expect(page.locator(".tokens li")).to_have_count(1)
    expect(page.locator(".hit.passage")).to_have_count(0)
    page.get_by_role("button", name=re.compile("Remove the filter")).click()
    expect(page.locator(".hit.passage").first).to_be_visible()


def test_filters_that_are_none_are_refused_with_a_way_out(visit: Visit, library: str) -> None:
    visit.expect_problem("422")
    page = visit.open(f"/?c={library}&q=a+cat&f=%7Bno")
    expect(page.get_by_role("alert")).to_have_text("The filter in the address is not JSON.")
    page.get_by_role("button", name=re.compile("Remove the filter")).click()
    expect(page.locator(".hit").first).to_be_visible()

    visit.open(f'/?c={library}&q=a+cat&f={{"year":{{"near":3}}}}')
    expect(page.get_by_role("alert")).to_contain_text("'near' of year is not an operator")
    page.get_by_role("button", name="Remove the filters").click()
    expect(page.locator(".hit").first).to_be_visible()


def test_poor_and_partial_answers_say_so(visit: Visit, library: str) -> None:
    missing = [{"space": "words", "reason": "its encoder cannot be loaded"}]
    poor = answer([hit(1)], no_good_match=True, partial=True, missing=missing)
    visit.page.route("**/search", lambda route: route.fulfill(json=poor))
    page = visit.open(f"/?c={library}&q=anything")
    expect(page.locator(".summary")).to_contain_text("Nothing fits well.")
    expect(page.locator(".search")).to_contain_text("space words is missing")
    expect(page.locator(".hit")).to_have_count(1)


@pytest.mark.parametrize(
    ("pending", "said"),
    [
        (1, "1 document is still being processed and may not be found yet."),
        (1200, "1,200 documents are still being processed and may not be found yet."),
    ],
)
def test_what_is_still_coming_in_is_told(
    visit: Visit, library: str, pending: int, said: str
) -> None:
    some = answer([hit(1)], pending=pending)
    visit.page.route("**/search", lambda route: route.fulfill(json=some))
    page = visit.open(f"/?c={library}&q=anything")
    expect(page.get_by_text(said)).to_be_visible()
    expect(page.locator(".hit")).to_have_count(1)


def test_nothing_in_the_collection_fits_well(visit: Visit, library: str) -> None:
    page = visit.open(f"/?c={library}")
    ask(page, "quarterly revenue forecast")
    expect(page.locator(".summary")).to_contain_text("Nothing fits well.")
    expect(page.locator(".hit").first).to_be_visible()


def test_an_empty_collection_and_one_that_is_gone(visit: Visit, library: str) -> None:
    with Client(visit.url) as client:
        client.create_collection("hollow")
    page = visit.open("/?c=hollow")
    expect(page.get_by_text("This collection is empty.")).to_be_visible()
    ask(page, "a cat")
    expect(page.get_by_text("“hollow” contains nothing searchable yet")).to_be_visible()

    with Client(visit.url) as client:
        client.delete_collection("hollow")
    visit.expect_problem("404")
    ask(page, "a dog")
    expect(page.get_by_text("There is no collection “hollow”")).to_be_visible()
    visit.open("/?c=hollow&q=a+cat")
    page.get_by_role("link", name=re.compile("instead")).click()
    expect(page.get_by_role("searchbox")).to_be_visible()


def test_markup_in_names_and_metadata_shows_as_text(visit: Visit) -> None:
    with Client(visit.url) as client:
        client.create_collection("markup-names")
        source = Source(f"{_MARKUP} and a river", name=f"{_MARKUP}.txt", metadata={"kind": _MARKUP})
        client.wait(*client.add("markup-names", [source])["job_ids"])
    page = visit.open("/?c=markup-names&q=river+img")
    shown = page.locator(".hit")
    expect(shown.locator(".text")).to_contain_text(_MARKUP)
    expect(shown.locator(".name")).to_contain_text(_MARKUP)
    page.locator(".filters summary").click()
    page.get_by_label("kind").select_option(index=1)
    expect(page.locator(".tokens")).to_contain_text(_MARKUP)
    page.get_by_role("button", name=re.compile("to the query")).click()
    expect(page.locator(".chip")).to_contain_text("<img")
    assert page.title() == "river img · Search · markup-names · samespace"
    assert page.locator("main script, main img").count() == 0
