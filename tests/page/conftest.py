"""A real browser on the real stack: what it says in its console, and where it asks, is held against the page.

The tests here share one stack (that of the whole suite), one browser and one library of 30 files.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    Response,
    expect,
    sync_playwright,
)

from recipes.demo.samples import read_samples
from samespace.client import Client
from samespace.operations.stack.stack import Stack
from tests.missing import missing
from tests.page.browser import launch
from tests.services import ROOT

# Five seconds, as it has it, are not much for a page on a machine where others are at work.
expect.set_options(timeout=30_000)

# Thumbnails are made after a document is ready; until then 503 says so, and the page asks again.
_STILL_MADE = r"503.*/thumbnail\?"
_DOCUMENTS = (
    "astronomy-telescopes.docx",
    "card-games-solitaire-rules.md",
    "data-wine-chemistry.txt",
    "debian-dedication-japanese-shift-jis.txt",
    "dictionary-cat-and-dog.md",
    "dictionary-coffee-tea-chocolate.html",
    "dictionary-mills-castles-with-scan.pdf",
    "dictionary-ships-and-lighthouses.txt",
)
_PICTURES = (
    "drawing-bicycle.png",
    "drawing-car-red.png",
    "drawing-castle.png",
    "drawing-cat-lying.png",
    "drawing-cat-walking.png",
    "drawing-frog.png",
    "drawing-horse.jpg",
    "drawing-lighthouse.png",
    "drawing-pizza-slice.png",
    "drawing-sailing-boat.png",
    "photo-baseball.bmp",
    "photo-cameraman.tiff",
    "photo-cat-chelsea.jpg",
    "photo-cat-ginger-kitten.jpg",
    "photo-coffee-cup.png",
    "photo-giraffe.jpg",
    "photo-hot-air-balloon.gif",
    "photo-panda.jpg",
    "photo-penguin.webp",
    "photo-strawberry.png",
    "photo-swans.heic",
    "photo-windmill.jpg",
)


@dataclass
class Visit:
    """A page on the stack, and what went wrong on it.

    A problem is what the browser logged as an error, an exception of a script, a request that left the origin,
    or an answer of 500 and above. At the end of a test there must be none but those it named with `expect_problem`.
    """

    page: Page
    url: str
    problems: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=lambda: [_STILL_MADE])

    def open(self, path: str = "/") -> Page:
        """Go to a path of the page, and wait until its view is there."""
        self.page.goto(self.url + path)
        self.page.wait_for_selector("main")
        return self.page

    def expect_problem(self, pattern: str) -> None:
        """Problems that this regular expression finds something in are part of the test."""
        self.expected.append(pattern)

    def unexpected(self) -> list[str]:
        """The problems that no pattern of the test names."""
        return [
            problem
            for problem in self.problems
            if not any(re.search(pattern, problem) for pattern in self.expected)
        ]


# Not of the session: while Playwright runs, its event loop does too, and no other test could start one.
@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    try:
        browser = launch(playwright)
    except FileNotFoundError as error:
        missing("Chromium", error)
    yield browser
    browser.close()


@pytest.fixture
def visit(browser: Browser, stack: Stack) -> Iterator[Visit]:
    """A fresh profile of the browser on the stack that needs no key."""
    with visiting(browser, stack.url) as visit:
        yield visit


@contextmanager
def visiting(browser: Browser, url: str) -> Iterator[Visit]:
    """A fresh profile on a stack of the test's own; fails at the end if there was a problem nobody expected."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    visit = Visit(context.new_page(), url)
    _listen(visit)
    try:
        yield visit
    finally:
        context.close()
    assert visit.unexpected() == []


def _listen(visit: Visit) -> None:
    """Every page of the profile is heard, also one that is opened later."""

    def said(message: ConsoleMessage) -> None:
        if message.type == "error":
            visit.problems.append(f"console: {message.text} ({message.location.get('url', '')})")

    def asked(request: Request) -> None:
        if not request.url.startswith((f"{visit.url}/", "blob:", "data:")):
            visit.problems.append(f"asked {request.url}")

    def answered(response: Response) -> None:
        if response.status >= 500:
            visit.problems.append(f"{response.status} of {response.url}")

    context = visit.page.context
    context.on("request", asked)
    context.on("response", answered)
    context.on("console", said)
    context.on("weberror", lambda error: visit.problems.append(f"script: {error.error}"))


@pytest.fixture(scope="session")
def library(stack: Stack) -> str:
    """The name of a collection with 30 files of mixed kinds, ready, and the kind of each as metadata."""
    samples = {str(each.external_id): each for each in read_samples(ROOT / "samples").sources}
    chosen = [samples[f"documents/{name}"] for name in _DOCUMENTS]
    chosen += [samples[f"pictures/{name}"] for name in _PICTURES]
    with Client(stack.url) as client:
        client.create_collection("library")
        client.wait(*client.add("library", chosen)["job_ids"])
    return "library"
