"""A real browser on the real stack: what it says in its console, and where it asks, is held against the page."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, Request, sync_playwright

from samespace.cli.stack import Stack
from samespace.client import Client
from tests.missing import missing
from tests.services import ROOT

_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_SAMPLES = ROOT / "samples"


@dataclass
class Visit:
    """A page on the stack, and what went wrong on it."""

    page: Page
    url: str
    problems: list[str] = field(default_factory=list)

    def open(self, path: str = "/") -> Page:
        """Go to a path of the page."""
        self.page.goto(self.url + path)
        self.page.wait_for_selector("main")
        return self.page


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        missing("Chromium", FileNotFoundError("no program named chromium or google-chrome"))
    browser = playwright.chromium.launch(executable_path=program, args=list(_OPTIONS))
    yield browser
    browser.close()


@pytest.fixture
def visit(browser: Browser, stack: Stack) -> Iterator[Visit]:
    """A fresh profile; at the end nothing may have been logged as an error or asked of another origin."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    visit = Visit(context.new_page(), stack.url)
    _listen(visit)
    yield visit
    context.close()
    assert visit.problems == []


def _listen(visit: Visit) -> None:
    def asked(request: Request) -> None:
        if not request.url.startswith((f"{visit.url}/", "blob:", "data:")):
            visit.problems.append(f"asked {request.url}")

    visit.page.on("request", asked)
    visit.page.on("pageerror", lambda error: visit.problems.append(str(error)))
    visit.page.on(
        "console",
        lambda said: visit.problems.append(said.text) if said.type == "error" else None,
    )


@pytest.fixture(scope="session")
def library(stack: Stack) -> str:
    """The name of a collection with 30 files of mixed kinds, ready."""
    chosen: list[Path] = []
    for folder, count in (("pictures", 24), ("documents", 6)):
        chosen += sorted((_SAMPLES / folder).iterdir())[:count]
    with Client(stack.url) as client:
        client.create_collection("library")
        client.wait(*client.add("library", chosen)["job_ids"])
    return "library"
