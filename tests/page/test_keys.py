"""Where keys are asked for: signing in, what a key opens, and that it ends when the key does."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.sync_api import Browser, FilePayload, Page, expect

from ingest.thumbnails import make_thumbnails
from samespace.api.app import make_app
from samespace.encoders.load import Encoders
from tests.api.world import World, open_world, png
from tests.page.conftest import Visit, visiting
from tests.page.steps import wait_kept
from tests.services import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

ROOT = "the-own-key"
SECONDS = 15_000  # longer than a key is remembered


@dataclass(frozen=True)
class Keyed:
    """A server that asks for keys, and a hand on what is behind it."""

    world: World
    url: str

    def key(self, *scopes: str) -> tuple[str, str]:
        """The id and the text of a new key."""
        key, text = self.world.services.records.keys.create("someone", scopes)
        return key.id, text

    def ingest(self) -> list[str]:
        """The names of the documents that became ready; their thumbnails are made too."""
        ready = self.world.ingest()
        make_thumbnails([document.id for document in ready], self.world.services)
        return [document.name for document in ready]


@pytest.fixture(scope="module")
def keyed(
    tmp_path_factory: pytest.TempPathFactory, redis_url: str, encoders: Encoders
) -> Iterator[Keyed]:
    folder = tmp_path_factory.mktemp("keyed")
    with open_world(folder, redis_url, encoders, api_key=ROOT) as world:
        world.client.headers["authorization"] = f"Bearer {ROOT}"
        world.client.post("/v1/collections", json={"name": "pictures"})
        world.send("pictures", [(f"{color}.png", png(color)) for color in ("red", "blue")])
        with _served(world) as url:
            keyed = Keyed(world, url)
            assert len(keyed.ingest()) == 2
            yield keyed


@contextmanager
def _served(world: World) -> Iterator[str]:
    """The application over a socket, which a browser needs."""
    port = free_port()
    app = make_app(world.services.settings, world.services, world.queue)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def visit(browser: Browser, keyed: Keyed) -> Iterator[Visit]:
    with visiting(browser, keyed.url) as visit:
        visit.expect_problem("401")  # the browser itself logs each
        yield visit


def sign_in(page: Page, key: str) -> None:
    page.get_by_label("Key", exact=True).fill(key)
    page.get_by_role("button", name="Sign in").click()


def test_signing_in_goes_on_where_one_was_and_keeps_no_key(visit: Visit, keyed: Keyed) -> None:
    page = visit.open("/add?c=pictures")
    expect(page.get_by_label("Key", exact=True)).to_be_focused()
    sign_in(page, "wrong")
    expect(page.get_by_role("alert")).to_contain_text("the key is not known")
    expect(page.get_by_label("Key", exact=True)).to_have_attribute("aria-invalid", "true")
    page.keyboard.type(ROOT)  # what was wrong is selected
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Add to pictures")
    assert page.url == f"{keyed.url}/add?c=pictures"
    everything = page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
    )
    assert ROOT not in everything
    assert "samespace_session" not in everything
    [cookie] = page.context.cookies()
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == (
        "samespace_session",
        True,
        "Strict",
    )
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Add to pictures")


def test_pictures_and_events_come_by_the_cookie_and_changes_are_meant(
    visit: Visit, keyed: Keyed
) -> None:
    page = visit.open("/?c=pictures&q=red")
    sign_in(page, keyed.key("write")[1])
    picture = page.locator("main img").first
    expect(picture).to_be_visible()
    page.wait_for_function("(image) => image.naturalWidth > 0", arg=picture.element_handle())
    with page.expect_response(lambda answer: answer.url.endswith("/events")) as streamed:
        page.goto(f"{keyed.url}/add?c=pictures")
    assert streamed.value.status == 200
    with page.expect_response(lambda answer: "/documents" in answer.url) as sent:
        chosen = FilePayload(name="green.png", mimeType="image/png", buffer=png("green"))
        page.get_by_label("Files").set_input_files(chosen)
    assert sent.value.status == 202
    assert keyed.ingest() == ["green.png"]
    expect(page.get_by_text("ready").first).to_be_visible()


def test_files_that_were_not_sent_go_on_after_signing_in(visit: Visit, keyed: Keyed) -> None:
    page = visit.open("/add?c=pictures")
    sign_in(page, ROOT)
    expect(page.get_by_role("button", name="Choose files")).to_be_visible()
    page.context.clear_cookies()
    chosen = FilePayload(name="yellow.png", mimeType="image/png", buffer=png("yellow"))
    page.get_by_label("Files").set_input_files(chosen)
    expect(page.get_by_label("Key", exact=True)).to_be_visible()
    wait_kept(page, 1)

    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    page.reload()
    expect(page.get_by_label("Key", exact=True)).to_be_visible()
    page.wait_for_load_state("networkidle")
    # Nothing that needs a key is asked for without one, the limits of uploads neither.
    assert {path for path in asked if path.startswith("/v1")} == {"/v1/session"}
    with page.expect_response(lambda answer: "/documents?job=" in answer.url) as sent:
        sign_in(page, ROOT)
    assert sent.value.status == 202
    assert keyed.ingest() == ["yellow.png"]
    wait_kept(page, 0)


def test_who_signs_out_sees_nothing_any_more(visit: Visit, keyed: Keyed) -> None:
    page = visit.open("/?c=pictures&q=red")
    sign_in(page, ROOT)
    expect(page.locator("main img").first).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Key", exact=True)).to_be_visible()
    # A request that was refused shows the sign-in, too, a moment before the page is opened anew.
    expect(page).to_have_url(f"{keyed.url}/")
    expect(page.get_by_label("Key", exact=True)).to_be_visible()
    assert page.context.cookies() == []
    page.goto(f"{keyed.url}/?c=pictures&q=red")
    expect(page.get_by_label("Key", exact=True)).to_be_visible()
    expect(page.locator("main img")).to_have_count(1)  # the sign


def test_a_revoked_key_ends_what_is_open(visit: Visit, keyed: Keyed) -> None:
    page = visit.open("/add?c=pictures")
    id, text = keyed.key("write")
    sign_in(page, text)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Add to pictures")
    keyed.world.services.records.keys.remove(id)
    # Nobody touches the page: its stream of events ends, and may not be opened again.
    expect(page.get_by_label("Key", exact=True)).to_be_visible(timeout=SECONDS)


def test_a_key_that_only_reads_is_offered_no_change(visit: Visit, keyed: Keyed) -> None:
    page = visit.open("/collections")
    sign_in(page, keyed.key("read")[1])
    expect(page.get_by_role("link", name="pictures", exact=True)).to_be_visible()
    for name in ("Create", "Pause", "Delete…"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    expect(page.get_by_role("link", name="Search", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Add", exact=True)).to_have_count(0)
    page.goto(f"{keyed.url}/collections?c=pictures&list=1")
    expect(page.locator(".documents a.name").first).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Delete"))).to_have_count(0)
    page.goto(f"{keyed.url}/sort?c=pictures")
    expect(page.get_by_label("Class 1", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Save", exact=True)).to_have_count(0)
    page.goto(f"{keyed.url}/add?c=pictures")
    expect(page.get_by_role("heading", level=1)).to_have_text("This key may only read")
