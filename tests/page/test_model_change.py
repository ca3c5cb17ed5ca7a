"""The model of a collection changed on the page: tried, built beside, swapped, gone back on, given up; the list of
models."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from samespace.client import Client, Source
from samespace.operations.stack.stack import Stack
from tests.encoders.tiny import DIM, write_tiny
from tests.page.conftest import Visit
from tests.page.steps import is_focused
from tests.page.test_accessible import complaints

pytestmark = [pytest.mark.slow, pytest.mark.timeout(360)]

_LONG = 120_000
NAME = "changing"
NOTES = ("The lamp was lit at dusk.", "A boat came in.", "The keeper slept.")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of texts to change to."""
    return write_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def notes(stack: Stack) -> Iterator[str]:
    """A collection of three notes, searched by the starter.

    Tests name it before their visit: it goes when nobody looks at it any more.
    """
    with Client(stack.url) as client:
        client.create_collection(NAME)
        client.wait(*client.add(NAME, [Source(text) for text in NOTES])["job_ids"])
        yield NAME
        client.delete_collection(NAME)


def choose(page: Page, model: str) -> None:
    """Name a model that is no preset, and try it."""
    page.get_by_role("combobox", name="Model").select_option(label="Another, by its name…")
    page.get_by_role("textbox", name="Its name").fill(model)
    page.get_by_role("button", name="Try it").click()


def press(button: Locator) -> None:
    """By the keyboard."""
    button.focus()
    button.press("Enter")


def test_a_model_is_changed_gone_back_on_and_given_up(
    notes: str, visit: Visit, stack: Stack, tiny: Path
) -> None:
    model = f"st:{tiny}"
    page = visit.open("/collections")
    page.get_by_role("link", name=f"Change the model of {notes}").click()
    is_focused(page.get_by_role("heading", level=1, name=f"Model of {notes}"))
    choose(page, model)
    said = page.locator(".model [role=status]", has_text="What it costs")
    expect(said).to_contain_text(f"({DIM} dimensions)", timeout=_LONG)
    expect(said).to_contain_text("3, to be encoded: 3")
    expect(said).to_contain_text("by a trial on 3 items")
    assert complaints(page) == {}
    press(page.get_by_role("button", name="Build it beside"))

    is_focused(page.get_by_role("heading", level=2, name=f"starter → {model}"))
    state = page.locator(".model [role=status]")
    built = re.compile("is built, and nothing is lacking in it. Searches ask starter")
    expect(state).to_have_text(built, timeout=_LONG)
    rows = page.locator(".model tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("searched")
    expect(rows.nth(1)).to_contain_text("built beside")
    compare = page.locator(".model").get_by_role("link", name="Compare")
    expect(compare).to_have_attribute("href", f"/compare?c={notes}")
    assert complaints(page) == {}

    press(page.get_by_role("button", name="Swap", exact=True))
    expect(state).to_contain_text("starter is kept until", timeout=_LONG)
    expect(rows.nth(0)).to_contain_text("kept for going back")
    expect(rows.nth(1)).to_contain_text("searched")
    with Client(stack.url) as client:
        assert client.collection(notes)["preset"] == model
        assert client.search(notes, NOTES[0])["hits"][0]["text"] == NOTES[0]
    press(page.get_by_role("button", name="Go back to starter"))
    expect(state).to_have_text(built, timeout=_LONG)
    with Client(stack.url) as client:
        assert client.collection(notes)["preset"] == "starter"

    press(page.get_by_role("button", name=re.compile("^Give up")))
    expect(rows).to_have_count(2)
    press(page.get_by_role("button", name=re.compile("^Really give up")))
    is_focused(page.get_by_role("heading", name="Change the model"))
    expect(rows).to_have_count(1)
    with Client(stack.url) as client:
        assert client.collection_model(notes)["change"] is None


def test_what_the_server_refuses_is_read_in_its_words(
    visit: Visit, library: str, tiny: Path
) -> None:
    page = visit.open(f"/collections?c={library}&model=1")
    choose(page, f"st:{tiny}")
    refused = page.get_by_role("alert")
    expect(refused).to_contain_text("takes nothing of modality image", timeout=_LONG)
    expect(page.get_by_role("button", name="Build it beside")).to_have_count(0)
    page.get_by_role("textbox", name="Its name").fill("st:/no/such/folder")
    expect(refused).to_have_count(0)


def test_a_build_that_waits_is_cancelled(
    notes: str, visit: Visit, stack: Stack, tiny: Path
) -> None:
    with Client(stack.url) as client:
        client.pause(notes)
        client.change_model(notes, f"st:{tiny}")
    page = visit.open(f"/collections?c={notes}&model=1")
    state = page.locator(".model [role=status]")
    expect(state).to_contain_text("which searches ask until you swap")
    expect(page.locator(".model .job")).to_contain_text("the collection is paused")
    page.get_by_role("button", name=re.compile("^Cancel")).click()
    page.get_by_role("button", name=re.compile("^Really cancel")).click()
    expect(page.get_by_role("heading", name="Change the model")).to_be_visible()


def test_models_are_listed_added_and_removed(notes: str, visit: Visit, tiny: Path) -> None:
    visit.expect_problem(r"\b4\d\d\b")  # of the folder that is not there
    page = visit.open(f"/collections?c={notes}")
    page.get_by_role("link", name="Models of this installation").click()
    starter = page.locator(".card", has=page.get_by_role("heading", name="starter", exact=True))
    expect(starter).to_contain_text("for new collections")
    expect(starter.get_by_role("link", name=notes)).to_be_visible()
    expect(starter.get_by_role("button")).to_have_count(0)
    page.get_by_label("Folder or name on a hub").fill("/no/such/folder")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("there is no folder /no/such/folder")

    page.get_by_label("Folder or name on a hub").fill(str(tiny))
    page.get_by_label("Name", exact=True).fill("small-one")
    page.get_by_label("Licence").fill("own")
    page.get_by_role("button", name="Add", exact=True).click()
    card = page.locator(".card", has=page.get_by_role("heading", name="small-one"))
    expect(card).to_contain_text("own", timeout=_LONG)
    expect(card).to_contain_text(f"{DIM} dimensions")
    expect(card).to_contain_text("no collection")
    assert complaints(page) == {}
    card.get_by_role("button", name="Remove small-one").click()
    card.get_by_role("button", name="Really remove small-one").click()
    expect(card).to_have_count(0)


@pytest.mark.parametrize("part", ["model", "models"])
def test_nothing_is_wider_than_a_narrow_window(notes: str, visit: Visit, part: str) -> None:
    visit.page.set_viewport_size({"width": 320, "height": 640})
    page = visit.open(f"/collections?c={notes}&{part}=1")
    expect(page.locator("main [aria-busy=true]")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_what_a_model_cannot_take_is_named_and_left_out_only_on_purpose(
    notes: str, visit: Visit
) -> None:
    """As the API tells of it; that documents fail under a model is tested where models are changed."""
    failed = {"id": "0" * 32, "name": "scan.png", "reason": "the picture is too large"}
    change = {
        "model": "small",
        "before": "starter",
        "space": None,
        "state": "built",
        "waits_for": None,
        "lacking": 0,
        "failed_total": 1,
        "failed": [failed],
        "job_id": "1" * 32,
        "problem": "the model does not answer",
        "keep_days": 7.0,
        "started_at": "2026-01-01T00:00:00Z",
        "swapped_at": None,
        "kept_until": None,
    }
    known = {"collection": notes, "preset": "starter", "indexes": [], "change": change}
    page = visit.page
    page.route("**/model", lambda route: route.fulfill(json=known))
    swaps: list[object] = []

    def refuse(route: Route) -> None:
        swaps.append(route.request.post_data_json)
        route.fulfill(status=409, json={"detail": "1 document would not be found any more"})

    page.route("**/model/swap", refuse)
    visit.expect_problem(r"\b409\b")
    visit.open(f"/collections?c={notes}&model=1")
    expect(page.locator(".model .file")).to_have_text("scan.pngthe picture is too large")
    expect(page.locator(".model [role=status]")).to_contain_text("all but what it cannot take")
    expect(page.get_by_role("alert")).to_have_text("the model does not answer")
    page.get_by_role("button", name="Swap", exact=True).click()
    expect(page.get_by_text("1 document would not be found any more")).to_be_visible()
    assert complaints(page) == {}
    page.get_by_role("button", name="Swap without them").click()
    page.get_by_role("button", name="Really swap without them").click()
    expect(page.get_by_role("button", name="Swap", exact=True)).to_be_enabled()
    assert swaps == [{"force": False}, {"force": True}]
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def test_a_better_starter_is_offered(notes: str, visit: Visit) -> None:
    """As after an upgrade: the collection goes on with what was kept of an earlier release."""
    listed = visit.page.request.get(f"{visit.url}/v1/models").json()
    (starter,) = (each for each in listed["models"] if each["name"] == "starter")
    starter["used_by"].remove(notes)
    kept = {**starter, "name": "starter-0123abcd", "origin": "kept", "used_by": [notes]}
    listed["models"].append(kept)
    visit.page.route("**/v1/models", lambda route: route.fulfill(json=listed))
    page = visit.open(f"/collections?c={notes}")
    page.get_by_role("link", name=f"change {notes} to it").click()
    expect(page.locator(".remark")).to_contain_text("a better one is here")
    expect(page.get_by_role("combobox", name="Model")).to_have_value("starter")
    page.get_by_role("link", name="All collections").click()
    page.get_by_role("link", name="Models of this installation").click()
    expect(page.get_by_role("link", name=f"change {notes} to it")).to_be_visible()
