"""A document on the page."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Page, expect

from samespace.client import Client, Source
from samespace.operations.stack.stack import Stack
from tests.page.conftest import Visit

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

_MARKUP = '<script>document.title="owned"</script><img src=x onerror="document.title=1"><b>bold</b>'
_LONG = 60_000
_MORE_THAN = "shown => document.querySelectorAll('.passages p').length > shown"


@pytest.fixture(scope="module")
def hostile(stack: Stack) -> Iterator[str]:
    """A collection whose names, metadata, texts and label sets are all markup; the id of its document."""
    # As a text: a file that begins like this is a page, and only its words are kept.
    text = {
        "text": f"{_MARKUP} and a lighthouse",
        "name": "<b onclick=alert(1)>name<b>",
        "metadata": {"<i>field</i>": _MARKUP},
    }
    with Client(stack.url) as client:
        client.create_collection("markup")
        added = httpx.post(f"{stack.url}/v1/collections/markup/documents", json=text)
        client.wait(added.json()["job_id"])
        client.save_label_set(
            "markup", "<b>set", ["<b>one</b>", {"name": "two", "prompts": [_MARKUP]}]
        )
        [document] = client.documents("markup")["documents"]
        yield document["id"]


def test_long_numbers_of_the_metadata_keep_their_digits(visit: Visit, stack: Stack) -> None:
    long = 2**53 + 1
    metadata = {
        "id": long,
        "list": [-(10**25) - 1, "9007199254740993", 0.5],
        "Due date": "2024-5-2",
    }
    with Client(stack.url) as client:
        client.create_collection("long-numbers")
        texts = [
            Source("A long number.", metadata=metadata),
            Source("Its neighbour.", metadata={"id": 2**53}),
        ]
        client.wait(*client.add("long-numbers", texts)["job_ids"])
        document = next(
            one for one in client.documents("long-numbers")["documents"] if len(one["metadata"]) > 1
        )
    page = visit.open(f"/document?c=long-numbers&d={document['id']}")
    shown = page.locator("dl.figures")
    expect(shown).to_contain_text("9007199254740993")
    expect(shown).to_contain_text('[-10000000000000000000000001,"9007199254740993",0.5]')
    page = visit.open(f"/?c=long-numbers&q=number&f={quote(json.dumps({'id': {'eq': long}}))}")
    expect(page.locator(".hit")).to_have_count(1)
    expect(page.get_by_role("button", name=f"Remove the filter id: {long}")).to_be_visible()
    page = visit.open(f"/?c=long-numbers&q=number&f={quote(json.dumps({'due date': 1}))}")
    expect(page.get_by_text("has the field 'due date'; did you mean 'Due date'?")).to_be_visible()
    page = visit.open(
        f"/?c=long-numbers&q=number&f={quote(json.dumps({'Due date': {'gte': '2024-05-02'}}))}"
    )
    expect(page.locator(".hit")).to_have_count(1)


def passages(page: Page) -> list[str]:
    return page.locator(".passages p").all_text_contents()


def test_a_document_opens_at_the_passage(visit: Visit, library: str) -> None:
    page = visit.open(f"/?c={library}&q=lighthouse&t=text")
    text = page.locator(".hit .text").first.inner_text()
    page.locator(".hit .body").first.click()
    wanted = page.locator(".passages li.target")
    expect(wanted).to_be_in_viewport()
    assert " ".join(text.split())[:20] in " ".join(wanted.inner_text().split())


def test_a_long_document_opens_at_its_middle_and_goes_on_both_ways(
    visit: Visit, stack: Stack, tmp_path: Path
) -> None:
    file = tmp_path / "long.txt"
    file.write_text(
        "\n\n".join(f"Passage {n}. " + f"The keeper counted wave {n}. " * 30 for n in range(330))
    )
    with Client(stack.url) as client:
        client.create_collection("long")
        client.wait(*client.add("long", [file])["job_ids"])
        [document] = client.documents("long")["documents"]
        items = client.items("long", document["id"])
    middle = items[len(items) // 2]["id"]
    page = visit.open(f"/document?c=long&d={document['id']}&i={middle}")
    expect(page.locator(".passages li.target")).to_be_in_viewport()
    assert len(passages(page)) < len(items)
    earlier = page.get_by_role("button", name="Earlier passages")
    while earlier.count():
        shown = len(passages(page))
        earlier.click()
        page.wait_for_function(_MORE_THAN, arg=shown)
    assert passages(page)[0].startswith("Passage 0.")
    while len(passages(page)) < len(items):
        shown = len(passages(page))
        page.locator(".further").scroll_into_view_if_needed()
        page.wait_for_function(_MORE_THAN, arg=shown)
    expect(page.get_by_role("button", name="Further passages")).to_have_count(0)


def test_a_picture_is_shown_downloaded_and_asked_with(visit: Visit, library: str) -> None:
    page = visit.open(f"/collections?c={library}&list=1")
    page.get_by_label("Name contains").fill("frog")
    expect(page.locator(".documents a.name")).to_have_count(1)
    page.locator(".documents a.name").click()
    picture = page.locator(".document .picture img")
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("each => each.naturalWidth") > 0
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert "frog" in download.value.suggested_filename
    page.get_by_role("link", name=re.compile("^More like")).click()
    expect(page.locator(".chip")).to_have_count(1)
    expect(page.locator(".hit").first).to_be_visible()


def test_what_is_deleted_meanwhile_says_so(visit: Visit, stack: Stack, tmp_path: Path) -> None:
    visit.expect_problem("404")
    files = [tmp_path / "one.txt", tmp_path / "two.txt"]
    for file in files:
        file.write_text(f"The passage of {file.stem}.")
    with Client(stack.url) as client:
        client.create_collection("fleeting")
        client.wait(*client.add("fleeting", files)["job_ids"])
        one, two = (each["id"] for each in client.documents("fleeting")["documents"])
        page = visit.open(f"/document?c=fleeting&d={one}")
        expect(page.locator(".passages p")).to_be_visible()
        page.get_by_role("button", name=re.compile("^Delete")).click()
        page.get_by_role("button", name=re.compile("^Really delete")).click()
        expect(page.locator(".documents .file")).to_have_count(1)
        page.locator(".documents a.name").click()
        expect(page.locator(".passages p")).to_be_visible()
        client.delete("fleeting", ids=[two])
    expect(page.get_by_text("Document not found")).to_be_visible()


def test_markup_shows_as_text_in_every_view(visit: Visit, hostile: str) -> None:
    page = visit.open("/?c=markup&q=lighthouse")
    expect(page.locator(".hit .text").first).to_contain_text(_MARKUP[:40])
    page.locator(".hit .body").first.click()
    expect(page.locator(".passages")).to_contain_text(_MARKUP)
    expect(page.locator("h1")).to_contain_text("<b onclick")
    expect(page.locator("dl")).to_contain_text(_MARKUP)
    visit.open("/collections?c=markup&list=1")
    expect(page.locator(".documents .file")).to_contain_text("<b onclick")
    visit.open("/sort?c=markup&set=" + "%3Cb%3Eset")
    expect(page.locator(".groups h2").first).to_contain_text("<b>one</b>", timeout=_LONG)
    expect(page.locator(".groups .snippet").first).to_contain_text(_MARKUP[:40])
    for view in ("/add?c=markup", "/collections?c=markup", "/map?c=markup"):
        visit.open(view)
        page.wait_for_load_state("networkidle")
    assert page.evaluate("document.querySelectorAll('main b, main i, main script').length") == 0
    assert page.title() not in {"owned", "1"}
