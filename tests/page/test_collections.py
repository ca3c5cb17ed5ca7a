"""Collections, their documents, and health on the page."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from samespace.client import Client
from samespace.operations.stack.stack import Stack
from tests.page.conftest import Visit

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

_LONG = 60_000


@pytest.fixture(scope="module")
def mixed(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A collection of three notes and a file that fails."""
    folder = tmp_path_factory.mktemp("mixed")
    files = [folder / f"note {number}.txt" for number in range(3)]
    for number, file in enumerate(files):
        file.write_text(f"Note {number}: the lamp was lit at dusk.")
    broken = folder / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7\n1 0 obj\nendobj\nnothing that follows is a document")
    with Client(stack.url) as client:
        client.create_collection("mixed")
        client.wait(*client.add("mixed", [*files, broken])["job_ids"])
        yield "mixed"


def test_a_collection_is_made_paused_resumed_and_deleted_by_its_name(visit: Visit) -> None:
    page = visit.open("/collections")
    expect(page.get_by_text("needs no download")).to_be_visible(timeout=_LONG)
    page.locator("input[name=name]").fill("doomed")
    page.get_by_role("button", name="Create").click()
    card = page.locator(".card", has=page.get_by_role("heading", name="doomed"))
    card.get_by_role("button", name="Pause").click()
    expect(card.locator(".state.paused")).to_be_visible()
    expect(page.get_by_text("Paused, new documents are not processed: doomed")).to_be_visible()
    card.get_by_role("button", name="Resume").click()
    expect(card.locator(".state.paused")).to_have_count(0)

    card.get_by_role("button", name="Delete").click()
    delete = page.get_by_role("button", name="Delete", exact=True)
    expect(delete).to_be_disabled()
    page.get_by_label(re.compile("to confirm")).fill("doomed")
    delete.click()
    expect(card).to_have_count(0)


def test_a_bad_name_and_a_model_that_is_not_there_are_said(visit: Visit) -> None:
    page = visit.open("/collections")
    page.locator("input[name=name]").fill("no spaces please")
    page.get_by_role("button", name="Create").click()
    assert page.locator("input[name=name]").evaluate("each => each.validity.patternMismatch")
    expect(page.get_by_label("Model").locator("option")).to_have_text(
        [
            re.compile(name)
            for name in ("starter", "clip", "quality", "multilingual", "unified", "screens")
        ],
        timeout=_LONG,
    )
    page.get_by_label("Model").select_option("quality")
    expect(page.get_by_text("downloaded from a model hub first")).to_be_visible()


def test_health_names_the_worker_and_finds_all_well(visit: Visit, mixed: str) -> None:
    page = visit.open(f"/collections?c={mixed}")
    expect(page.get_by_text("Everything is working.")).to_be_visible()
    expect(page.get_by_text("Worker 1", exact=True)).to_be_visible()
    card = page.locator(".card", has=page.get_by_role("heading", name=mixed))
    expect(card).to_contain_text("3 items")
    expect(card).to_contain_text(re.compile(r"\d+ bytes"))


def test_nothing_is_asked_while_nobody_looks(visit: Visit, mixed: str) -> None:
    page = visit.open(f"/collections?c={mixed}")
    expect(page.get_by_text("Everything is working.")).to_be_visible()
    page.evaluate("Object.defineProperty(document, 'hidden', {get: () => true})")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    # Longer than the page waits between two looks.
    page.evaluate("new Promise((resolve) => setTimeout(resolve, 3500))")
    assert asked == []


def test_documents_are_found_by_state_and_name_and_acted_on(visit: Visit, mixed: str) -> None:
    page = visit.open(f"/collections?c={mixed}")
    # Other tests of the whole suite leave collections with failed documents on the same stack.
    card = page.locator(".card", has=page.get_by_role("heading", name=mixed, exact=True))
    card.get_by_role("link", name="1 failed").click()
    lines = page.locator(".documents .file")
    expect(lines).to_have_count(1)
    expect(lines.locator(".reason")).not_to_be_empty()
    lines.get_by_role("button", name=re.compile("^Try broken.pdf")).click()
    expect(lines).to_have_count(1, timeout=_LONG)

    page.get_by_label("State").select_option("")
    expect(lines).to_have_count(4)
    page.get_by_label("Name contains").fill("NOTE 1")
    expect(lines).to_have_count(1)
    expect(page).to_have_url(re.compile(r"name=NOTE"))
    expect(lines.locator("a.name")).to_have_text("note 1.txt")
    lines.get_by_role("button", name="Delete note 1.txt").click()
    expect(lines).to_have_count(1)
    lines.get_by_role("button", name="Really delete note 1.txt").click()
    expect(page.get_by_text("No document matches.")).to_be_visible()
    page.get_by_label("Name contains").fill("")
    expect(lines).to_have_count(3)


def test_a_second_page_is_read_on(visit: Visit, stack: Stack, tmp_path: Path) -> None:
    with Client(stack.url) as client:
        client.create_collection("many")
        client.pause("many")
        files = [tmp_path / f"{number:03}.txt" for number in range(130)]
        for file in files:
            file.write_text(f"number {file.stem}")
        client.add("many", files)
    page = visit.open("/collections?c=many&list=1")
    lines = page.locator(".documents .file")
    expect(lines).to_have_count(100)
    page.get_by_role("button", name="More").click()
    expect(lines).to_have_count(130)
    names = lines.locator("a.name").all_text_contents()
    assert len(set(names)) == 130
    lines.first.get_by_role("button", name=re.compile("^Cancel")).click()
    expect(lines.first.locator(".state")).to_have_text("cancelled")
    with Client(stack.url) as client:
        client.delete_collection("many")
